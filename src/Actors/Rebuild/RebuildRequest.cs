using FtpActors.Journal;

namespace FtpActors.Actors.Rebuild;

/// <summary>Asks a shard's loop for a rebuild; answered between two steps.</summary>
internal sealed class RebuildRequest(IReplays replays, bool apply)
{
    private readonly TaskCompletionSource<RebuildReport> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReplays Replays => replays;

    public bool Apply => apply;

    public Task<RebuildReport> Answer => _answer.Task;

    public void Reply(RebuildReport report) => _answer.TrySetResult(report);

    public void Fail(Exception why) => _answer.TrySetException(why);
}
