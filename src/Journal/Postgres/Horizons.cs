using System.Collections.Immutable;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// The horizons of all spools as far as this process has offered what came before them. A spool that has said nothing for a day holds nothing
/// back: its host is gone, or its clock is wrong.
/// </summary>
internal sealed class Horizons : IHorizon
{
    /// <summary>How far behind a spool may be and still be waited for.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromDays(1);

    // One entry per spool that ever was in the journal: as many as nodes, and one more for each new data folder.
    private ImmutableDictionary<string, (string Host, DateTimeOffset Horizon)> _spools =
        ImmutableDictionary.Create<string, (string Host, DateTimeOffset Horizon)>(StringComparer.Ordinal);

    public DateTimeOffset OfSpool(string spool, DateTimeOffset now) =>
        Volatile.Read(ref _spools).TryGetValue(spool, out var known) ? Latest(known.Horizon, now - LongestSilence) : now - LongestSilence;

    public DateTimeOffset OfHost(string host, DateTimeOffset now)
    {
        var newest = now - LongestSilence;
        foreach (var (_, known) in Volatile.Read(ref _spools))
        {
            if (known.Host == host)
                newest = Latest(newest, known.Horizon);
        }
        return newest;
    }

    public IHorizon AsOf(DateTimeOffset now) => new Horizons { _spools = Volatile.Read(ref _spools) };

    /// <summary>Moves a spool's horizon forward. What came before it has been offered to the subscribers.</summary>
    public void Move(string spool, string host, DateTimeOffset horizon) => ImmutableInterlocked.AddOrUpdate(
        ref _spools, spool, _ => (host, horizon), (_, known) => (host, Latest(known.Item2, horizon)));

    private static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
