using FtpActors.Protocol;
using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>
/// The embedded journal of one node: one SQLite file that is its spool as well, so an event is written once. One writer thread, many readers.
/// </summary>
public sealed partial class SqliteJournal : IJournal, ISpool, IQuarantine, IDeliveries, IReplays, ILoginSlots
{
    private readonly FolderLock _folder;
    private readonly Writer _writer;
    private readonly Readers _readers;
    private readonly TimeProvider _clock;
    private int _disposed;

    private SqliteJournal(FolderLock folder, Writer writer, Readers readers, SqliteJournalOptions options)
    {
        _folder = folder;
        _writer = writer;
        _readers = readers;
        _clock = options.Clock;
        Shards = options.Shards;
    }

    /// <inheritdoc/>
    public int Shards { get; }

    /// <inheritdoc/>
    public string SpoolId => _writer.Own;

    /// <summary>Opens the journal in a data folder; makes both when they are not there.</summary>
    /// <exception cref="JournalUnusableException">
    /// The folder is another process's or read-only, the file is damaged, newer, or made with another number of shards, or SQLite is missing.
    /// </exception>
    public static Task<SqliteJournal> OpenAsync(SqliteJournalOptions options) => Task.Run(() => Open(options));

    /// <inheritdoc/>
    public Task<long> AppendAsync(SourceBatch batch) => _writer.WriteAsync(new AppendBatch(batch, Shards));

    /// <inheritdoc/>
    public Task<byte[]?> ReadSourceStateAsync(string source) => _readers.ReadAsync(database =>
    {
        var row = database[SqlTexts.All.ReadSourceState].Bind(1, source);
        var state = row.Step() ? row.Bytes(0).ToArray() : null;
        row.Reset();
        return state;
    });

    /// <inheritdoc/>
    public Task AppendAsync(string spool, string host, long after, IReadOnlyList<FtpEvent> events, DateTimeOffset? horizon = null) =>
        _writer.WriteAsync(new CopySpool(spool, host, after, events, Shards));

    /// <inheritdoc/>
    public Task<ShardLease> TakeShardAsync(int shard, string owner, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, Shards);
        cancel.ThrowIfCancellationRequested();
        return _writer.WriteAsync(new TakeShard(shard, owner));
    }

    /// <summary>Nothing: the folder's lock makes this process the only one that can take a shard.</summary>
    public Task GiveBackShardAsync(int shard) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>Always: a lease of this file ends only with a newer one, which a commit meets.</remarks>
    public bool IsHeld(int shard, long epoch) => true;

    /// <inheritdoc/>
    public Task CommitAsync(ShardStep step) => _writer.WriteAsync(new CommitStep(step, _clock.GetUtcNow()));

    /// <inheritdoc/>
    public Task<bool> ReleaseQuarantineAsync(long id, FtpEvent e) => _writer.WriteAsync(new ReleaseQuarantine(id, e, Shards));

    /// <inheritdoc/>
    public void Subscribe(IFreshEvents fresh) => _writer.Subscribe(fresh);

    /// <inheritdoc/>
    public void OnAppend(Action rung) => _writer.Subscribe(new Bell(rung));

    /// <summary>Writes what waits, copies the write-ahead log into the file, and gives the folder free.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // The log can be emptied when nobody reads it.
        await _readers.DisposeAsync().ConfigureAwait(false);
        await _writer.StopAsync().ConfigureAwait(false);
        _writer.Dispose();
        _folder.Dispose();
    }

    private static SqliteJournal Open(SqliteJournalOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Shards, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Shards, 1024);
        Batteries_V2.Init();

        var path = Path.GetFullPath(options.Folder);
        var folder = FolderLock.Take(path);
        try
        {
            var file = Path.Combine(path, options.File);
            var writer = new Writer(JournalFile.Open(file, options), file, options.QueuedRequests);
            return new SqliteJournal(folder, writer, new Readers(file, options.Readers), options);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }
}
