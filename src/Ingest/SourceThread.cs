namespace FtpActors.Ingest;

/// <summary>
/// What reads a source blocks in the kernel, so it has a thread of its own: on the pool it would take a worker away from everybody.
/// </summary>
internal static class SourceThread
{
    /// <summary>Runs <paramref name="body"/> on a new named thread; the task ends, or fails, as it does.</summary>
    public static Task Run(string name, Action body)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                body();
                end.SetResult();
            }
#pragma warning disable CA1031 // The exception is not swallowed: it becomes the task's, and the node decides.
            catch (Exception e)
            {
                end.SetException(e);
            }
#pragma warning restore CA1031
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return end.Task;
    }
}
