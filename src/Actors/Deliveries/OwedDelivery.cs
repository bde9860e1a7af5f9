
namespace FtpActors.Actors.Deliveries;

/// <summary>A delivery that is not done, as its handler keeps it in memory.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Delivery">What is owed. Its facts are "" when they are to be read from the history.</param>
/// <param name="CreatedAt">When it was planned.</param>
internal sealed record OwedDelivery(long Id, NewDelivery Delivery, DateTimeOffset CreatedAt)
{
    /// <summary>Where it stands; never <see cref="DeliveryState.Done"/>.</summary>
    public DeliveryState State { get; init; }

    /// <summary>Index of the action that is next.</summary>
    public int Step { get; init; }

    /// <summary>Failed tries of that action.</summary>
    public int Attempt { get; init; }

    /// <summary>Tries of all its actions so far.</summary>
    public int Tries { get; init; }

    /// <summary>When it was dead or dropped; null while it is due.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The line it stands in; null when it waits for nobody.</summary>
    public string? Line => Delivery.Ordered ? Delivery.Session : null;

    /// <summary>What it needs room in.</summary>
    public DuePlace Place => new(Delivery.Rule, Delivery.OnHost);

    /// <summary>As it is told to others.</summary>
    /// <param name="handler">Its handler.</param>
    public DeliveryRecord Record(int handler) => new(Id, handler, Delivery, State, Step, Attempt, CreatedAt, FinishedAt);
}

/// <summary>Where deliveries run.</summary>
/// <param name="Rule">Their rule.</param>
/// <param name="OnHost">The host whose node runs them; null for any.</param>
internal readonly record struct DuePlace(string Rule, string? OnHost);

/// <summary>All that a delivery book is between two facts; without the texts of facts.</summary>
/// <param name="LastNumber">Deliveries planned since the journal was made.</param>
/// <param name="Owed">Those that are not done.</param>
internal sealed record DeliveryBookSnapshot(long LastNumber, IReadOnlyList<OwedDelivery> Owed)
{
    /// <summary>Nothing.</summary>
    public static DeliveryBookSnapshot Empty { get; } = new(0, []);
}
