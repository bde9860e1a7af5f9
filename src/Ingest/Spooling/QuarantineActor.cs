using Akka.Actor;
using Akka.Event;
using FtpActors.Protocol.Stored;

namespace FtpActors.Ingest.Spooling;

/// <summary>Keeps what was put aside in the quarantine, one after the other, on no actor's thread.</summary>
internal sealed class QuarantineActor : UntypedActor
{
    private readonly QuarantineFile _file;
    private readonly TimeProvider _time;
    // No more than there are damaged rows.
    private readonly Queue<PutAside> _waiting = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _isKeeping;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public QuarantineActor(QuarantineFile file, TimeProvider time) => (_file, _time) = (file, time);

    /// <summary>Of a node.</summary>
    public static Props Props(QuarantineFile file, TimeProvider time) => Akka.Actor.Props.Create<QuarantineActor>(file, time);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PutAside aside:
                _waiting.Enqueue(aside);
                break;
            case Kept kept:
                _isKeeping = false;
                // It is still where it was found, and is found again after the next start.
                if (kept.Trouble is { } trouble)
                    _log.Warning("{0} is damaged, and its bytes are not in the quarantine: {1}", kept.Place, trouble.GetBaseException().Message);
                break;
            default:
                Unhandled(message);
                return;
        }
        if (!_isKeeping && _waiting.TryDequeue(out var next))
            Keep(_file, next, _time.GetUtcNow());
    }

    private void Keep(QuarantineFile file, PutAside aside, DateTimeOffset now)
    {
        _isKeeping = true;
        Task.Run(() => file.KeepAsync(aside, now)).PipeTo(Self, success: () => new Kept(aside.Place, null), failure: e => new Kept(aside.Place, e));
    }

    private sealed record Kept(string Place, Exception? Trouble) : INoSerializationVerificationNeeded;
}
