using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FtpActors.Actors.Handlers;

namespace FtpActors.Actors.Logins;

/// <summary>
/// The one that counts the sessions of a slice of the users. What it answers is durable, so neither a restart nor a move to another node gives a slot twice. (Rows of the earlier
/// id <c>logins</c>, without a number, are not read: within a lease every session that is there is confirmed anew.)
/// </summary>
internal sealed class LoginSlotsActor : UntypedPersistentActor
{
    private const int ChangesBetweenSnapshots = 1000;

    private readonly SlotBook _book;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LoginSlotsActor(int slice, int slices, TimeProvider time)
    {
        (_book, _time) = (new SlotBook(slice, new Slices(slices)), time);
        PersistenceId = string.Create(CultureInfo.InvariantCulture, $"logins-{slice:00}");
        JournalPluginId = HandlerContext.JournalPlugin;
        SnapshotPluginId = HandlerContext.SnapshotPlugin;
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <summary>Of one slice, with a supervisor that begins it anew when its journal fails.</summary>
    public static Props Props(int slice, int slices, TimeProvider time) => Akka.Pattern.BackoffSupervisor.Props(Akka.Pattern.Backoff.OnStop(
        Akka.Actor.Props.Create<LoginSlotsActor>(slice, slices, time), "slots", TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(5), 0.2, maxNrOfRetries: -1));

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: SlotsChanged all }:
                _book.Apply(all);
                break;
            case SlotsChanged change:
                _book.Apply(change);
                break;
            case SnapshotOffer { Snapshot: DamagedRow damaged }:
                Note(damaged);
                break;
            case DamagedRow damaged:
                Note(damaged);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        var now = _time.GetUtcNow();
        switch (message)
        {
            case ReserveSlot r:
                var (answer, reserved) = _book.Reserve(r.Claim, r.Limits, now, r.Lease);
                Store(reserved, answer);
                break;
            case ConfirmSlots c:
                var (slots, confirmed) = _book.Confirm(c.Sessions, now, c.Lease);
                Store(confirmed, new SlotNumbers(slots));
                break;
            case RenewSlots r:
                var (kept, renewed) = _book.Renew(r.Slots, now, r.Lease);
                Store(renewed, new SlotNumbers(kept));
                break;
            case ReleaseSlots r:
                var released = _book.Release(r.Slots);
                Store(released, new SlotNumbers(released.Removed));
                break;
            case AskSlots ask:
                Sender.Tell(new SlotsRead([.. _book.Counting(ask.User is { } user ? LoginClaim.KeyOf(user) : null, now)]));
                break;
            case SaveSnapshotSuccess saved:
                DeleteMessages(saved.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                break;
            case SaveSnapshotFailure failed:
                _log.Warning("A snapshot of the login slots was not saved; a start takes longer until the next one: {0}", failed.Cause.Message);
                break;
            case DeleteMessagesSuccess or DeleteSnapshotsSuccess:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        // Who waits for an answer need not wait for its patience.
        Sender.Tell(new SlotsRefused($"The count of sessions cannot be written: {cause.Message}"));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        throw new InvalidOperationException("The journal of the login slots rejected a row.", cause);

    // The next question is asked of what this one has changed, so it waits for it.
    private void Store(SlotsChanged? change, object answer)
    {
        if (change is null or { Set.Count: 0, Removed.Count: 0 })
        {
            Sender.Tell(answer);
            return;
        }
        Persist(change, stored =>
        {
            _book.Apply(stored);
            Sender.Tell(answer);
            if (LastSequenceNr % ChangesBetweenSnapshots == 0)
                SaveSnapshot(_book.All);
        });
    }

    // The sessions that are there are confirmed anew within a lease.
    private void Note(DamagedRow damaged) => _log.Error("A row of the login slots cannot be read, so some sessions count for nothing until they are seen again: {0}", damaged.Reason);
}
