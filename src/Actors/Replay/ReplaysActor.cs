using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FtpActors.Actors.Handlers;

namespace FtpActors.Actors.Replay;

/// <summary>Stores a replay, or what it is now; answered with the same when it is durable.</summary>
internal sealed record PutReplay(ReplayRecord Record) : INoSerializationVerificationNeeded;

/// <summary>Asks for all replays; answered with <see cref="ReplaysRead"/>.</summary>
internal sealed record AskReplays : INoSerializationVerificationNeeded;

/// <summary>Replays, oldest first.</summary>
internal sealed record ReplaysRead(IReadOnlyList<ReplayRecord> Records) : INoSerializationVerificationNeeded;

/// <summary>Which replays there are. Few rows: one for each that begins, ends, stops or goes on.</summary>
internal sealed class ReplaysActor : UntypedPersistentActor
{
    private readonly Dictionary<string, ReplayRecord> _records = new(StringComparer.Ordinal);
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ReplaysActor(string id) => (PersistenceId, JournalPluginId) = (id, HandlerContext.JournalPlugin);

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <summary>With a supervisor that begins it anew when its journal fails.</summary>
    /// <param name="node">Name of the node in a cluster: each node goes on with its own replays. Null for a node that is alone.</param>
    public static Props Props(string? node) => Akka.Pattern.BackoffSupervisor.Props(Akka.Pattern.Backoff.OnStop(
        Akka.Actor.Props.Create<ReplaysActor>(node is null ? "replays" : $"replays-{node}"), "replays", TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(5), 0.2, maxNrOfRetries: -1));

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        if (message is ReplayRecord record)
            _records[record.Id] = record;
        else if (message is DamagedRow damaged)
            _log.Error("A row of the replays cannot be read, so one of them may be missing or be shown as it was before: {0}", damaged.Reason);
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case PutReplay put:
                Persist(put.Record, record =>
                {
                    _records[record.Id] = record;
                    Sender.Tell(record);
                });
                break;
            case AskReplays:
                Sender.Tell(new ReplaysRead([.. _records.Values.OrderBy(r => r.CreatedAt).ThenBy(r => r.Id, StringComparer.Ordinal)]));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        throw new InvalidOperationException("The journal of the replays rejected a row.", cause);
}
