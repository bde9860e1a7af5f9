using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

#pragma warning disable CA1001 // xunit disposes it by IAsyncLifetime.
/// <summary>Rebuilds on a real SQLite journal whose rows somebody else changes.</summary>
public sealed class RebuildTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-rebuild-").FullName;
    private readonly Horizon _horizon = new();
    private Horizon.Mark _mark = null!;
    private SqliteJournal _journal = null!;
    private ShardGroup _group = null!;

    public async Task InitializeAsync()
    {
        _journal = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = _folder, Shards = 4, Host = "ftp1" });
        _mark = _horizon.Add(Start);
        _group = new ShardGroup(_journal, "test", new ShardOptions(), _horizon, TimeProvider.System, NullLoggerFactory.Instance);
        await _group.StartAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _group.DisposeAsync();
        await _journal.DisposeAsync();
        _mark.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_healthy_journal_has_no_differences_also_with_disorder_duplicates_held_events_and_idle_ends()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var shift = TimeSpan.FromHours(5 * seed);
            var random = new Random(seed);
            var events = DisorderedTraffic.Disorder(DisorderedTraffic.Clean(random), random)
                .Select(e => e with { ReceivedAt = e.ReceivedAt + shift, Fingerprint = $"{seed}{e.Fingerprint}" }).ToList();
            foreach (var chunk in events.Chunk(7))
                await AppendAsync(chunk);
            await RequireHealthyAsync();
            _mark.Advance(Start + shift + TimeSpan.FromMinutes(1));
        }
        // Nobody logged out of this one; a logout of another is held.
        var late = Start.AddHours(40);
        await AppendAsync([Event(EventKind.Login, 0, "idle") with { ReceivedAt = late }]);
        await AppendAsync([Event(EventKind.Logout, 0, "held", udp: true) with { ReceivedAt = late.AddHours(5) }]);
        await RequireHealthyAsync();
        _mark.Advance(late.AddHours(5));
        await RequireHealthyAsync();
    }

    [Fact]
    public async Task Damaged_rows_are_reported_exactly_and_put_right_and_the_open_session_goes_on_rightly()
    {
        await AppendAsync(
        [
            Event(EventKind.Login, 0, "anna"), Event(EventKind.Upload, 10, "anna", "/a", 100), Event(EventKind.Logout, 20, "anna"),
            Event(EventKind.Login, 30, "bob"), Event(EventKind.Logout, 40, "bob"), Event(EventKind.Login, 50, "open"), Event(EventKind.Delete, 60, "open", "/x"),
        ]);
        await RequireHealthyAsync();
        Execute("UPDATE session SET uploads = 7, path = '/z' WHERE user = 'anna'");
        Execute("UPDATE session SET deletes = 9 WHERE user = 'open'");
        Execute("INSERT INTO session SELECT 'deadbeefdeadbeef-1', shard, host, service, key_user, key_remote_host, server_session, opened_at, began, user, remote_host, email, closed_at, ended, state, certainty, path, bytes_now, rate, uploads, downloads, bytes_up, bytes_down, failures, deletes, mkdirs, renames, other, last_at, local, bytes_total, restart_at, transfer_started_at FROM session WHERE user = 'bob'");
        Execute("DELETE FROM session WHERE user = 'bob' AND id <> 'deadbeefdeadbeef-1'");

        var found = await _group.RebuildAsync(_journal, apply: false, default);
        Assert.Equal((1, 1, 2, false), (found.Missing, found.Extra, found.Different, found.Applied));
        Assert.Contains(found.First, d => d is { Id: "deadbeefdeadbeef-1", Kind: "extra" });
        Assert.Equal(["path", "uploads"], found.First.Where(d => d.Kind == "different").SelectMany(d => d.Fields).Where(f => f.Stored is "7" or "/z").Select(f => f.Field).Order());

        var put = await _group.RebuildAsync(_journal, apply: true, default);
        Assert.Equal((1, 1, 2, true), (put.Missing, put.Extra, put.Different, put.Applied));
        await RequireHealthyAsync();

        await AppendAsync([Event(EventKind.Delete, 70, "open", "/y"), Event(EventKind.Logout, 80, "open")]);
        await RequireHealthyAsync();
        var open = await SessionAsync("open");
        Assert.Equal((2, SessionEnded.Logout), (open.Deletes, open.Ended!.Value));
    }

    [Fact]
    public async Task Sessions_whose_first_events_were_dropped_are_left_as_they_are_also_by_apply()
    {
        await AppendAsync(
        [
            Event(EventKind.Login, 0, "gone"), Event(EventKind.Upload, 5, "gone", "/g", 10), Event(EventKind.Logout, 10, "gone"),
            Event(EventKind.Login, 20, "half"), Event(EventKind.Delete, 25, "half", "/h"),
            Event(EventKind.Login, 30, "open"), Event(EventKind.Delete, 35, "open", "/x"),
        ]);
        Assert.NotNull(await _journal.DropEventsAsync(Start.AddSeconds(40), default));
        await AppendAsync(
        [
            Event(EventKind.Delete, 50, "half", "/h2"), Event(EventKind.Logout, 60, "half"), Event(EventKind.Delete, 70, "open", "/x2"),
            Event(EventKind.Login, 80, "whole"), Event(EventKind.Logout, 90, "whole"),
        ]);

        var report = await _group.RebuildAsync(_journal, apply: true, default);
        Assert.Equal((0, 0, 0), (report.Missing, report.Extra, report.Different));
        Execute("UPDATE session SET deletes = 9 WHERE user = 'whole'");
        Assert.Equal(1, (await _group.RebuildAsync(_journal, apply: true, default)).Different);

        await AppendAsync([Event(EventKind.Logout, 100, "open")]);
        Assert.Equal((1, 2, 2, 0), ((await SessionAsync("gone")).Uploads, (await SessionAsync("half")).Deletes, (await SessionAsync("open")).Deletes, (await SessionAsync("whole")).Deletes));
        Assert.Equal(SessionEnded.Logout, (await SessionAsync("open")).Ended);
    }

    private async Task AppendAsync(IEnumerable<FtpEvent> events)
    {
        await _journal.AppendAsync(new SourceBatch("test", [.. events], []));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await _journal.ReadBacklogAsync()).All(s => s.Position == s.Head))
            await Task.Delay(5, limit.Token);
    }

    private async Task RequireHealthyAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var report = await _group.RebuildAsync(_journal, apply: false, limit.Token);
        Assert.True(report.Sessions > 0 || report.Events < 5);
        Assert.Empty(report.First.SelectMany(d => d.Fields.Select(f => $"{d.Id} {d.Kind} {f}").DefaultIfEmpty($"{d.Id} {d.Kind}")));
    }

    private async Task<SessionRecord> SessionAsync(string user)
    {
        await foreach (var session in _journal.QuerySessionsAsync(new SessionQuery { User = user }, default))
            return session;
        throw new InvalidOperationException($"No session of {user}.");
    }

    private void Execute(string sql)
    {
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open_v2(Path.Combine(_folder, "journal.db"), out var db, raw.SQLITE_OPEN_READWRITE, null));
        using (db)
        {
            raw.sqlite3_busy_timeout(db, 10_000);
            var result = raw.sqlite3_exec(db, sql);
            Assert.True(result == raw.SQLITE_OK, raw.sqlite3_errmsg(db).utf8_to_string());
        }
    }
}
