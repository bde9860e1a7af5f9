using System.Threading.Channels;
using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>
/// The one writer of the file: takes everything that waits, writes it in one transaction, and answers every caller after its one fsync.
/// There is no timer: while one commit runs, the next requests gather. What is not foreseen here (a subscriber that throws) ends the process:
/// everything that was answered is durable, and nobody is left waiting for a dead writer.
/// </summary>
internal sealed class Writer : IDisposable
{
    // A transaction ends at whichever comes first; both keep a commit in the milliseconds.
    private const int MostRows = 4000;
    private const int MostBytes = 16 << 20;

    // The write-ahead log is copied back when nobody waits, or when it has grown so long (64 MiB) that somebody has to.
    private const int PagesWhenIdle = 1000;
    private const int PagesAtMost = 8000;

    private readonly Channel<WriteRequest> _queue;
    private readonly Database _database;
    private readonly WriterRows _rows;
    private readonly string _file;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IFreshEvents[] _subscribers = [];
    private JournalException? _unusable;
    private int _pages;

    public Writer(WriterRows rows, string file, int queued)
    {
        _database = rows.Database;
        _file = file;
        _rows = rows;
        _queue = Channel.CreateBounded<WriteRequest>(new BoundedChannelOptions(queued) { SingleReader = true });
        _thread = new Thread(Run) { Name = "journal writer", IsBackground = true };
        _thread.Start();
    }

    public string Own => _rows.Own;

    public async Task<T> WriteAsync<T>(WriteRequest<T> request)
    {
        try
        {
            await _queue.Writer.WriteAsync(request).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException($"The journal {_file} is closed.", e);
        }
        return await request.Done.ConfigureAwait(false);
    }

    public void Subscribe(IFreshEvents fresh)
    {
        lock (_queue)
            Volatile.Write(ref _subscribers, [.. _subscribers, fresh]);
    }

    /// <summary>Writes what waits, then stops.</summary>
    public Task StopAsync()
    {
        _queue.Writer.TryComplete();
        return _ended.Task;
    }

    public void Dispose() => _database.Dispose();

    private void Run()
    {
        var group = new List<WriteRequest>();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Gather(group);
            WriteGroup(group);
            group.Clear();
            CopyLogBack();
        }
        _database.Checkpoint(raw.SQLITE_CHECKPOINT_TRUNCATE);
        _ended.SetResult();
    }

    private void Gather(List<WriteRequest> group)
    {
        var (rows, bytes) = (0, 0L);
        while (rows < MostRows && bytes < MostBytes && _queue.Reader.TryRead(out var request))
        {
            group.Add(request);
            rows += request.Rows;
            bytes += request.Bytes;
        }
    }

    private void WriteGroup(List<WriteRequest> group)
    {
        var subscribers = Volatile.Read(ref _subscribers);
        _rows.FreshWanted = subscribers.Length > 0;
        try
        {
            if (_unusable is not null)
                throw _unusable;
            Commit(group);
        }
        catch (SqliteFailure e) when (!e.IsDisk && !e.IsDamage && group.Count > 1)
        {
            // One of them is at fault (a value that SQLite does not take): alone, each fails for itself.
            foreach (var request in group)
                WriteGroup([request]);
            return;
        }
        catch (Exception e) when (e is SqliteFailure or JournalException)
        {
            var told = e is SqliteFailure failure ? failure.ForCaller(_file) : (JournalException)e;
            if (told is JournalUnusableException)
                _unusable = told;
            foreach (var request in group)
                request.Fail(told);
            return;
        }
        Answer(group, subscribers);
    }

    private void Commit(List<WriteRequest> group)
    {
        try
        {
            _database.Execute("BEGIN IMMEDIATE");
            foreach (var request in group)
            {
                // It may be its second time, alone after the group failed.
                (request.Refusal, request.Fresh) = (null, []);
                try
                {
                    request.Write(_rows);
                }
                catch (Exception e) when (e is ShardLostException or InvalidOperationException)
                {
                    request.Refusal = e;
                }
            }
            _database.Execute("COMMIT");
            _rows.Committed();
        }
        catch
        {
            _rows.TakeBack();
            // Some failures roll back by themselves.
            if (_database.InTransaction)
                _database.Execute("ROLLBACK");
            throw;
        }
    }

    private static void Answer(List<WriteRequest> group, IFreshEvents[] subscribers)
    {
        foreach (var request in group)
        {
            // Offered before the caller hears of it: a source moves its horizon when its batch is durable and offered.
            foreach (var fresh in request.Fresh)
            {
                foreach (var subscriber in subscribers)
                    subscriber.Offer(fresh.Shard, fresh.Previous, fresh.Events);
            }
            if (request.Refusal is { } refusal)
                request.Fail(refusal);
            else
                request.Succeed();
        }
    }

    private void CopyLogBack()
    {
        _pages += _database.TakePagesWritten();
        var idle = !_queue.Reader.TryPeek(out _);
        if (_pages >= PagesAtMost || (idle && _pages >= PagesWhenIdle))
        {
            if (_database.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE))
                _pages = 0;
        }
    }
}
