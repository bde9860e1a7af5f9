namespace FtpActors.Journal.Postgres.Spread;

// How old things leave: on every server, also when one of them fails.
public sealed partial class SpreadJournal
{
    async Task<string?> IRetention.DropEventsAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var dropped = await OfAllAsync(s => ((IRetention)s).DropEventsAsync(before, cancel)).ConfigureAwait(false);
        var words = dropped.Index().Where(d => d.Item is not null).Select(d => $"on server {d.Index} {d.Item}").ToList();
        return words.Count == 0 ? null : string.Join("; ", words);
    }

    /// <inheritdoc/>
    public async Task<long> DropSessionsAsync(DateTimeOffset before, CancellationToken cancel) =>
        (await OfAllAsync(s => s.DropSessionsAsync(before, cancel)).ConfigureAwait(false)).Sum();

    /// <inheritdoc/>
    public async Task<long> DropDeliveriesAsync(DateTimeOffset before, CancellationToken cancel) =>
        (await OfAllAsync(s => s.DropDeliveriesAsync(before, cancel)).ConfigureAwait(false)).Sum();
}
