namespace FtpActors.Journal.Sqlite;

/// <summary>Something that a caller wants written. Made on the caller's thread, run on the writer's.</summary>
internal abstract class WriteRequest
{
    /// <summary>Why this request alone is refused; told to its caller after the commit, like success.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>Rows and bytes that it is about, to bound a transaction.</summary>
    public virtual int Rows => 1;

    public virtual int Bytes => 0;

    /// <summary>
    /// Runs inside the writer's transaction. May throw <see cref="ShardLostException"/> or <see cref="InvalidOperationException"/> to refuse,
    /// but only before its first write: the others of the transaction go on.
    /// </summary>
    public abstract void Write(WriterRows rows);

    /// <summary>Events that became durable with it.</summary>
    public List<FreshEvents> Fresh { get; set; } = [];

    public abstract void Succeed();

    public abstract void Fail(Exception e);
}

/// <summary>A request with an answer.</summary>
internal abstract class WriteRequest<T> : WriteRequest
{
    // The caller must not run on the writer's thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Done => _done.Task;

    protected T Answer { get; set; } = default!;

    public override void Succeed() => _done.SetResult(Answer);

    public override void Fail(Exception e) => _done.SetException(e);
}
