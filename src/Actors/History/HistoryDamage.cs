using System.Collections.Concurrent;
using FtpActors.Actors.History.Tables;
using FtpActors.Protocol;

namespace FtpActors.Actors.History;

/// <summary>What of a history is known to be damaged. Safe for callers on any thread.</summary>
/// <param name="name">What the history is called in messages.</param>
public sealed class HistoryDamage(string name)
{
    // Of as many places at most is kept which they are; the rest is damage all the same.
    private const int MostPlaces = 1000;

    private readonly ConcurrentDictionary<string, string> _places = new(StringComparer.Ordinal);

    /// <summary>How many places are known.</summary>
    public int Count => _places.Count;

    /// <summary>All of it has been looked at since it was opened.</summary>
    public bool IsChecked { get; internal set; }

    /// <summary>The places, each with what is wrong.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Places => [.. _places.OrderBy(p => p.Key, StringComparer.Ordinal)];

    /// <summary>What it means, with the way out, for a person; null when no damage is known.</summary>
    public string? Sentence => _places.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => Describe($"{p.Key}: {p.Value}")).FirstOrDefault();

    /// <summary>Takes note of damage.</summary>
    internal void Note(string place, string reason)
    {
        if (_places.Count < MostPlaces)
            _places.TryAdd(place, reason);
    }

    /// <summary>Whether a row is as it was written; takes note of one that is not.</summary>
    internal bool Passes<T>(T row)
        where T : class, ISummedRow
    {
        if (RowSum<T>.IsWhole(row))
            return true;
        Note(RowSum<T>.PlaceOf(row), "its checksum does not fit its columns");
        return false;
    }

    /// <summary>Of a read that cannot go on.</summary>
    internal JournalUnavailableException Refuse(Exception cause)
    {
        Note("the file", cause.Message.TrimEnd('.'));
        return new JournalUnavailableException(Sentence!, cause);
    }

    private string Describe(string first) =>
        $"{name} is damaged in {(Count < MostPlaces ? Count : $"more than {MostPlaces}")} {(Count == 1 ? "place" : "places")} ({first}): lists and totals may lack something. Stop the node, move it away "
        + "(drop its tables), and start it: it is made anew from the journal.";
}
