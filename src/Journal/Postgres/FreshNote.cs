using System.Globalization;
using System.Text;

namespace FtpActors.Journal.Postgres;

/// <summary>What an append tells the other nodes, in one line of a NOTIFY.</summary>
/// <param name="Sender">Id of the journal object that appended.</param>
/// <param name="Spool">The spool.</param>
/// <param name="Host">Its host.</param>
/// <param name="Horizon">Its horizon after this append; null when it did not move.</param>
/// <param name="First">First seq; 0 when there are no events.</param>
/// <param name="Last">Last seq.</param>
/// <param name="Shards">Each shard that got events, with the seq of its event before (-1 when not known); null when the list was too long: look at all.</param>
internal sealed record FreshNote(
    string Sender, string Spool, string Host, DateTimeOffset? Horizon, long First, long Last, IReadOnlyDictionary<int, long>? Shards)
{
    // PostgreSQL takes at most 8,000 bytes, of which spool and host are a few hundred.
    private const int LongestList = 7000;

    /// <summary>What an append says, but for its sender.</summary>
    public static string Of(string spool, string host, DateTimeOffset? horizon, IReadOnlyList<FreshEvents> fresh)
    {
        var (first, last) = fresh.Count == 0 ? (0, 0) : (fresh.Min(f => f.Events[0].Seq), fresh.Max(f => f.Events[^1].Seq));
        var list = new StringBuilder();
        foreach (var (shard, previous, _) in fresh)
            list.Append(CultureInfo.InvariantCulture, $"{(list.Length > 0 ? "," : "")}{shard}:{previous}");
        var shards = list.Length > LongestList ? "*" : list.Length == 0 ? "-" : list.ToString();
        var microseconds = horizon is { } time ? (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : -1;
        return string.Create(CultureInfo.InvariantCulture, $"{microseconds} {first} {last} {shards} {spool} {host}");
    }

    /// <summary>Reads a note with its sender before it; null for one that is not understood (of a newer program).</summary>
    public static FreshNote? Read(string payload)
    {
        var parts = payload.Split(' ', 7);
        if (parts.Length < 7 || !Number(parts[1], out var microseconds) || !Number(parts[2], out var first) || !Number(parts[3], out var last))
            return null;
        Dictionary<int, long>? shards = null;
        if (parts[4] != "*")
        {
            shards = [];
            foreach (var pair in parts[4] == "-" ? [] : parts[4].Split(','))
            {
                if (pair.Split(':') is not [var shard, var before] || !Number(shard, out var number) || !Number(before, out var previous))
                    return null;
                shards[(int)number] = previous;
            }
        }
        var horizon = microseconds < 0 ? (DateTimeOffset?)null : DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        return new FreshNote(parts[0], parts[5], parts[6], horizon, first, last, shards);
    }

    private static bool Number(string text, out long number) => long.TryParse(text, CultureInfo.InvariantCulture, out number);
}
