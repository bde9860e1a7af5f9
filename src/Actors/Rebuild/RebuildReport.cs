namespace FtpActors.Actors.Rebuild;

/// <summary>A field of a session that is not as the events say.</summary>
/// <param name="Field">Its name in JSON.</param>
/// <param name="Stored">As it is stored.</param>
/// <param name="Events">As the events say.</param>
public sealed record FieldDifference(string Field, string Stored, string Events);

/// <summary>A session that is not as the events say.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>missing</c> (not stored), <c>extra</c> (stored, but of no events) or <c>different</c>.</param>
/// <param name="Fields">What differs; empty for the other kinds.</param>
public sealed record SessionDifference(string Id, string Kind, IReadOnlyList<FieldDifference> Fields);

/// <summary>What a rebuild found.</summary>
/// <param name="Events">Events that were applied anew.</param>
/// <param name="Sessions">Sessions that they make.</param>
/// <param name="Missing">Sessions that were not stored.</param>
/// <param name="Extra">Stored sessions of no events.</param>
/// <param name="Different">Sessions with other figures.</param>
/// <param name="First">The first of these, at most <see cref="MostTold"/>.</param>
/// <param name="Applied">Whether all of it was put right.</param>
public sealed record RebuildReport(
    long Events, long Sessions, long Missing, long Extra, long Different, IReadOnlyList<SessionDifference> First, bool Applied)
{
    /// <summary>Most differences that are told one by one.</summary>
    public const int MostTold = 20;

    /// <summary>Both together.</summary>
    public RebuildReport Plus(RebuildReport other) => new(
        Events + other.Events, Sessions + other.Sessions, Missing + other.Missing, Extra + other.Extra, Different + other.Different,
        [.. First.Concat(other.First).Take(MostTold)], Applied || other.Applied);

    /// <summary>Nothing.</summary>
    public static RebuildReport Empty { get; } = new(0, 0, 0, 0, 0, [], false);
}
