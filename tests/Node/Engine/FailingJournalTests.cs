using FtpActors.Actors;
using Akka.Persistence;
using Akka.Persistence.TestKit;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Ingest.Spooling;
using FtpActors.Ingest;
using FtpActors.Protocol;

namespace FtpActors.Node.Tests.Engine;

public sealed class FailingJournalTests : IDisposable
{
    private const string Test = "\"Akka.Persistence.TestKit.TestJournal, Akka.Persistence.TestKit\"";
    // Longer than spool and shipper wait for an answer.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(6);
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-engine-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("fails")]
    [InlineData("rejects")]
    [InlineData("hangs")]
    public async Task A_batch_is_refused_when_the_spools_journal_fails_rejects_or_hangs_and_is_stored_once_when_that_works_again(string trouble)
    {
        await using var node = await Alone.StartAsync(_folder, $"{SpoolContext.JournalPlugin}.class = {Test}\n{SpoolContext.ReadPlugin}.write-plugin = {HandlerContext.JournalPlugin}");
        await node.Spool.AppendAsync(Batch("before"));
        var journal = Journal(node, SpoolContext.JournalPlugin);
        await (trouble switch
        {
            "fails" => journal.OnWrite.Fail(),
            "rejects" => journal.OnWrite.Reject(),
            _ => journal.OnWrite.PassWithDelay(Hang),
        });
        var meanwhile = Batch("meanwhile");
        await Assert.ThrowsAsync<JournalUnavailableException>(() => node.Spool.AppendAsync(meanwhile));
        await journal.OnWrite.Pass();

        await Alone.Until(async () => await TryAppendAsync(node, meanwhile));
        await node.CalmAsync();
        Assert.Equal(["before", "meanwhile"], (await node.History.QuerySessionsAsync(new SessionQuery()).ToListAsync()).Select(s => s.User));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_whose_journal_fails_or_rejects_goes_on_when_it_can_and_counts_every_event_once(bool rejects)
    {
        await using var node = await Alone.StartAsync(_folder, $"{HandlerContext.JournalPlugin}.class = {Test}\n{ReadsTheSpools}");
        await node.Spool.AppendAsync(Batch("before"));
        await node.CalmAsync();
        var journal = Journal(node, HandlerContext.JournalPlugin);
        await (rejects ? journal.OnWrite.Reject() : journal.OnWrite.Fail());
        foreach (var i in Enumerable.Range(0, 20))
            await node.Spool.AppendAsync(Batch($"user{i}"));
        await journal.OnWrite.Pass();

        await Alone.Until(async () => await node.History.QuerySessionsAsync(new SessionQuery()).CountAsync() == 21);
        await node.CalmAsync();
        Assert.All(await node.History.QuerySessionsAsync(new SessionQuery()).ToListAsync(), s => Assert.Equal((1, SessionEnded.Logout), (s.Uploads, s.Ended)));
        Assert.Equal(21, await node.History.QueryOperationsAsync(new OperationQuery()).CountAsync());
    }

    [Fact]
    public async Task A_handler_whose_journal_hangs_goes_on_when_it_can_and_counts_what_was_shipped_again_once()
    {
        await using var node = await Alone.StartAsync(_folder, $"{HandlerContext.JournalPlugin}.class = {Test}\n{ReadsTheSpools}");
        await node.Spool.AppendAsync(Batch("before"));
        await node.CalmAsync();
        var journal = Journal(node, HandlerContext.JournalPlugin);
        await journal.OnWrite.PassWithDelay(Hang);
        foreach (var i in Enumerable.Range(0, 20))
            await node.Spool.AppendAsync(Batch($"user{i}"));
        await Alone.Until(async () => await node.History.QuerySessionsAsync(new SessionQuery()).CountAsync() > 1);
        await journal.OnWrite.Pass();

        await node.CalmAsync();
        Assert.All(await node.History.QuerySessionsAsync(new SessionQuery()).ToListAsync(), s => Assert.Equal((1, SessionEnded.Logout), (s.Uploads, s.Ended)));
        Assert.Equal(21, await node.History.QueryOperationsAsync(new OperationQuery()).CountAsync());
    }

    // A journal that can fail is in memory, and its rows cannot be asked for by a query: that of the spool's file finds none of them.
    private string ReadsTheSpools =>
        $"{HandlerContext.ReadPlugin} {{\nconnection-string = \"Data Source={Path.Combine(_folder, "spool.db")}\"\nwrite-plugin = {SpoolContext.JournalPlugin}\n}}";

    private static ITestJournal Journal(Alone node, string plugin) => TestJournal.FromRef(Persistence.Instance.Apply(node.System).JournalFor(plugin));

    private static async Task<bool> TryAppendAsync(Alone node, SourceBatch batch)
    {
        try
        {
            await node.Spool.AppendAsync(batch);
            return true;
        }
        catch (JournalUnavailableException)
        {
            return false;
        }
    }

    private static SourceBatch Batch(string user) => new("src", [Event(EventKind.Login, user), Event(EventKind.Upload, user), Event(EventKind.Logout, user)], []);

    private static FtpEvent Event(EventKind kind, string user) => new()
    {
        ReceivedAt = Start, Kind = kind, Host = "ftp1", Source = "src", Service = "site", User = user, RemoteHost = "10.0.0.1", Path = kind == EventKind.Upload ? "/a" : null,
        Status = EventStatus.Ok,
    };
}
