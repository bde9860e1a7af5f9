using FtpActors.Actors.History;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests.History;

/// <summary>A history in a folder of its own, and things to put into it.</summary>
public abstract class HistoryFacts : IAsyncLifetime
{
    protected const string Spool = "0123456789abcdef";
    protected static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    protected HistoryDatabase Database { get; private set; } = null!;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("history").FullName;

    public async Task InitializeAsync() => Database = await OpenAsync();

    /// <summary>On SQLite, unless a class of tests says otherwise.</summary>
    protected virtual Task<HistoryDatabase> OpenAsync() => HistoryDatabase.OpenAsync(Folder);

    public virtual async Task DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    protected static SessionRecord Session(string id, int minute = 0, string user = "ann", string host = "ftp1") => new()
    {
        Id = id, Key = new SessionKey(host, "main", user, "192.0.2.1", ""), User = user, RemoteHost = "192.0.2.1",
        OpenedAt = Start.AddMinutes(minute), LastAt = Start.AddMinutes(minute), Began = SessionBegan.Login,
    };

    protected static SessionRecord Ended(SessionRecord session, int minutes = 10)
    {
        (session.ClosedAt, session.State, session.Ended) = (session.OpenedAt.AddMinutes(minutes), SessionState.Closed, SessionEnded.Logout);
        return session;
    }

    protected static FtpEvent Event(int second, string path, EventKind kind = EventKind.Upload, string user = "ann") => new()
    {
        ReceivedAt = Start.AddSeconds(second), Time = Start.AddSeconds(second - 1), Kind = kind, Host = "ftp1", Service = "main", Source = "queue",
        User = user, RemoteHost = "192.0.2.1", Path = path, Bytes = second, Seconds = 0.5, Status = EventStatus.Ok,
    };

    protected static FileOperation Operation(int seq, string path, EventKind kind = EventKind.Upload, string user = "ann", string? session = null) =>
        FileOperation.Of(new StoredEvent(Spool, seq, Event(seq, path, kind, user)), session, 0)!;

    protected static DeliveryRecord Delivery(
        long id, string rule = "mail", string user = "ann", DeliveryState state = DeliveryState.Due, int day = 0, string? replay = null) => new(
        id, 0, new NewDelivery($"{rule}/{id}", rule, "upload", null, false, null, $$"""{"user":"{{user}}"}""", Start.AddDays(day), replay),
        state, 0, 0, Start.AddDays(day), state == DeliveryState.Due ? null : Start.AddDays(day));

    protected static DeliveryTry Try(int number) =>
        new(number, 0, "node1", Start, Start.AddSeconds(1), number > 1, number > 1 ? null : 4, "exit code 4", "first", "");

    protected static HistoryItem Item(long row, params IReadOnlyList<SessionRecord> sessions) => new(0, row) { Sessions = sessions };

    protected async Task<List<string>> SessionsAsync(SessionQuery? query = null) =>
        [.. (await Database.QuerySessionsAsync(query ?? new SessionQuery()).ToListAsync()).Select(s => s.Id)];

    protected async Task<List<long>> OperationsAsync(OperationQuery? query = null) =>
        [.. (await Database.QueryOperationsAsync(query ?? new OperationQuery()).ToListAsync()).Select(o => o.Seq)];

    protected async Task<List<long>> DeliveriesAsync(DeliveryQuery? query = null) =>
        [.. (await Database.QueryDeliveriesAsync(query ?? new DeliveryQuery()).ToListAsync()).Select(d => d.Id)];
}
