namespace FtpActors.Journal.Postgres.Spread;

// What nodes that share the journal tell each other of deliveries.
public sealed partial class SpreadJournal
{
    /// <inheritdoc/>
    public void OnDue(Action<int?> due) => Array.ForEach(_servers, s => s.OnDue(due));

    /// <inheritdoc/>
    public IHostDeliveries OpenHost(string host, Action due) =>
        new SpreadHostDeliveries([.. _servers.Select(s => s.OpenHost(host, due))], _map, _patience);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostBacklog>> ReadHostsAsync(DateTimeOffset dueBefore) =>
        [.. (await OfAllAsync(s => s.ReadHostsAsync(dueBefore)).ConfigureAwait(false)).SelectMany(h => h)
            .GroupBy(h => h.Host, StringComparer.Ordinal)
            .Select(g => new HostBacklog(g.Key, g.Sum(h => h.Due), g.Min(h => h.OldestDue)))
            .OrderBy(h => h.Host, StringComparer.Ordinal)];
}
