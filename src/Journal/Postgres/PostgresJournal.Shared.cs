namespace FtpActors.Journal.Postgres;

// What nodes that share the journal tell each other of deliveries.
public sealed partial class PostgresJournal
{
    private readonly Lock _hearers = new();
    private Action<int?>[] _onDue = [];
    private HostDeliveries[] _hosts = [];

    /// <inheritdoc/>
    public void OnDue(Action<int?> due)
    {
        lock (_hearers)
            Volatile.Write(ref _onDue, [.. _onDue, due]);
        _listener.Start();
    }

    /// <inheritdoc/>
    public IHostDeliveries OpenHost(string host, Action due)
    {
        var opened = new HostDeliveries(_server, _options, host, due, CloseHost);
        lock (_hearers)
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
        lock (_hearers)
            Volatile.Write(ref _hosts, [.. _hosts.Where(h => h != closed)]);
    }

    // Null, null: a note of any channel may have been missed.
    private void Hear(string? channel, string? text)
    {
        if (channel is null or "ftpactors_cluster")
        {
            foreach (var changed in Volatile.Read(ref _onChange))
                changed();
        }
        if (channel is null or DueNote.Channel)
        {
            foreach (var due in Volatile.Read(ref _onDue))
                due(text is null ? null : DueNote.Shard(text));
        }
        if (channel is null or "ftpactors_host")
        {
            foreach (var host in Volatile.Read(ref _hosts).Where(h => h.IsFor(text)))
                host.Due();
        }
    }
}
