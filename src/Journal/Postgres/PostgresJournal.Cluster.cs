using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <content>The members that share this journal.</content>
public sealed partial class PostgresJournal
{
    private readonly Membership _membership;
    private Action[] _onChange = [];

    /// <inheritdoc/>
    public Task<ClusterView> BeatAsync(MemberBeat beat) => _membership.BeatAsync(beat);

    /// <inheritdoc/>
    public Task<ClusterView> ReadClusterAsync() => _server.ReadAsync(ClusterRows.ReadAsync);

    /// <inheritdoc/>
    public async Task ResignAsync()
    {
        if (await _membership.ResignAsync().ConfigureAwait(false))
            await TellClusterAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="JournalException">The server cannot be reached, or (an order of <see cref="MemberOrder.Down"/> that stands all the same)
    /// does not let this user end the member's connections.</exception>
    public async Task<bool> OrderAsync(string member, MemberOrder order)
    {
        var known = order == MemberOrder.Forget
            ? await ForgetAsync(member).ConfigureAwait(false)
            : await SetOrderAsync(member, order).ConfigureAwait(false);
        if (known && order == MemberOrder.Down)
            await EndShardsAsync(member).ConfigureAwait(false);
        if (known)
            await TellClusterAsync().ConfigureAwait(false);
        return known;
    }

    /// <inheritdoc/>
    public void OnChange(Action changed)
    {
        lock (_hearers)
            Volatile.Write(ref _onChange, [.. _onChange, changed]);
        _listener.Start();
    }

    private Task<bool> SetOrderAsync(string member, MemberOrder order) => _server.ReadAsync(async connection =>
    {
        var ordered = order switch { MemberOrder.Leave => "leaving", MemberOrder.Down => "down", _ => null };
        return await connection.RunAsync(SqlTexts.OrderMember, member, ordered).ConfigureAwait(false) > 0;
    });

    // Under the lock of the membership: nobody can join by that name meanwhile.
    private Task<bool> ForgetAsync(string member) => _server.WriteAsync(async connection =>
    {
        var numbers = await connection.ReadAsync(r => r.GetInt32(0), SqlTexts.ReadMember, member).ConfigureAwait(false);
        if (numbers is not [var number])
            return false;
        if (!await connection.ReadOneAsync<bool>(SqlTexts.TryMember, Membership.Magic, number).ConfigureAwait(false))
            throw new MemberAliveException(member);
        return await connection.RunAsync(SqlTexts.ForgetMember, number).ConfigureAwait(false) > 0;
    });

    /// <summary>Ends the connections that hold shards for a member. After the order is committed: what the member loses it cannot take again.</summary>
    internal async Task EndShardsAsync(string member)
    {
        try
        {
            await _server.ReadAsync(connection => connection.ReadOneAsync<long>(SqlTexts.EndShardsOf, (long)Schema.Magic, member)).ConfigureAwait(false);
        }
        catch (JournalUnusableException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
        {
            throw new JournalUnusableException(
                $"Node {member} is ordered down and gives its shards back when it hears of it, but its connections could not be ended: "
                + $"{PostgresFailure.Describe(e.InnerException)}. They belong to another user of {_server.Where}: let all nodes log in as one user, "
                + "or grant this one pg_signal_backend.", e);
        }
    }

    private async Task TellClusterAsync()
    {
        try
        {
            await _server.ReadAsync(connection => connection.RunAsync(SqlTexts.NotifyCluster)).ConfigureAwait(false);
        }
        catch (JournalException e)
        {
            _options.Trouble($"Other nodes could not be told of a change and see it at their next look. {e.Message}");
        }
    }

    /// <exception cref="JournalUnavailableException">A person has taken the node out, or the server cannot be asked.</exception>
    internal async Task RequireNotDownAsync(string owner)
    {
        if (await _server.ReadAsync(connection => connection.ReadOneAsync<bool>(SqlTexts.IsDown, owner)).ConfigureAwait(false))
            throw new JournalUnavailableException($"Node {owner} was taken out of the cluster by a person and takes no shard before it is told to join again.");
    }
}
