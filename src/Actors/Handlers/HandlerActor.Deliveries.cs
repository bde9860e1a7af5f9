using Akka.Actor;
using FtpActors.Actors.Deliveries;

namespace FtpActors.Actors.Handlers;

/// <summary>What a handler does about deliveries: facts into its journal, actors for what runs.</summary>
internal sealed partial class HandlerActor
{
    private bool OnDeliveryCommand(object message)
    {
        switch (message)
        {
            case LookAtDeliveries:
                Look();
                return true;
            case TryEnded ended:
                PersistAsync(ended.Fact, Stored);
                return true;
            case HostIsAway away:
                _runs.HostIsAway(away.Id);
                TellQuiet();
                return true;
            case AddDeliveries add:
                Add(add);
                return true;
            case OrderDeliveries order:
                Order(order);
                return true;
            case AskReplayPlace ask:
                Sender.Tell(new ReplayPlace(ask.Replay, _state.PlaceOf(ask.Replay)));
                return true;
            default:
                return false;
        }
    }

    private void Add(AddDeliveries add)
    {
        if (add.Replay is { } replay && replay.Row <= _state.PlaceOf(replay.Id))
        {
            Sender.Tell(new DeliveriesAdded(0));
            return;
        }
        var sender = Sender;
        Store(new DeliveriesPlanned(0, _context.Time.GetUtcNow(), add.Deliveries, add.Replay), () => sender.Tell(new DeliveriesAdded(add.Deliveries.Count)));
    }

    private void Order(OrderDeliveries order)
    {
        var ids = order.Ids.Where(id => _state.Deliveries.Find(id) is { } owed && (order.Order != DeliveryOrder.Drop || owed.State != DeliveryState.Dropped)).ToList();
        if (ids.Count == 0)
        {
            Sender.Tell(new DeliveriesChanged(0));
            return;
        }
        var sender = Sender;
        PersistAsync(new DeliveriesOrdered(order.Order, _context.Time.GetUtcNow(), ids), ordered =>
        {
            Told(_state.Deliveries.Apply(ordered));
            sender.Tell(new DeliveriesChanged(ids.Count));
            Look();
        });
    }

    private void Store(DeliveriesPlanned planned, Action? stored = null) => PersistAsync(planned, fact =>
    {
        var records = _state.Deliveries.Apply(fact);
        _state.Note(fact);
        Told(records);
        stored?.Invoke();
        Look();
    });

    private void Stored(DeliveryTried tried)
    {
        Told(_state.Deliveries.Apply(tried), tried);
        _runs.Stored(tried);
        Look();
    }

    private void Told(IReadOnlyList<DeliveryRecord> records, DeliveryTried? tried = null)
    {
        _row++;
        _outbox.Expect(_row);
        _outbox.Add(HistoryItems.Of(_handler, _row, records, tried));
    }

    private void Look()
    {
        // What would begin now would write, and the snapshot waits until nothing does.
        if (_wantsSnapshot)
            return;
        var now = _context.Time.GetUtcNow();
        if (_runs.Look(now) is { } next)
            Timers.StartSingleTimer(LookAtDeliveries.Instance, LookAtDeliveries.Instance, next > now ? next - now : TimeSpan.Zero);
        TellQuiet();
    }
}
