namespace FtpActors.Journal.Postgres;

// What nodes that share the journal tell each other of deliveries.
public sealed partial class PostgresJournal : ISharedDeliveries
{
    private readonly Lock _hostsGate = new();
    private Action<int?>[] _onDue = [];
    private HostDeliveries[] _hosts = [];

    /// <inheritdoc/>
    public void OnDue(Action<int?> due)
    {
        lock (_hostsGate)
            Volatile.Write(ref _onDue, [.. _onDue, due]);
        _listener.Start();
    }

    /// <inheritdoc/>
    public IHostDeliveries OpenHost(string host, Action due)
    {
        var opened = new HostDeliveries(_server, _options, host, due, CloseHost);
        lock (_hostsGate)
            Volatile.Write(ref _hosts, [.. _hosts, opened]);
        _listener.Start();
        return opened;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostBacklog>> ReadHostsAsync(DateTimeOffset dueBefore) =>
        await _server.ReadAsync(connection => connection.ReadAsync(
            r => new HostBacklog(r.GetString(0), r.GetInt64(1), r.Time(2)), SqlTexts.ReadHosts, dueBefore)).ConfigureAwait(false);

    private void CloseHost(HostDeliveries closed)
    {
        lock (_hostsGate)
            Volatile.Write(ref _hosts, [.. _hosts.Where(h => h != closed)]);
    }

    private void HearDue(int? shard)
    {
        foreach (var due in Volatile.Read(ref _onDue))
            due(shard);
    }

    private void HearHost(string? host)
    {
        foreach (var own in Volatile.Read(ref _hosts).Where(h => h.IsFor(host)))
            own.Due();
    }
}
