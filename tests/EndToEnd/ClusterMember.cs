using FtpActors.Journal;
using FtpActors.Journal.Postgres;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A member of a cluster that does what a test says: the real membership and the real locks, held by this process.</summary>
internal sealed class ClusterMember : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Guid _instance = Guid.NewGuid();
    private readonly string _name;
    private Task _beating = Task.CompletedTask;

    private ClusterMember(string name, PostgresJournal journal) => (_name, Journal) = (name, journal);

    public PostgresJournal Journal { get; }

    /// <summary>Joins and goes on beating.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="name">Name of the member.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="looked">Called after every beat with what it saw; false ends the beating, and the membership in order.</param>
    public static async Task<ClusterMember> JoinAsync(string connection, string name, int shards, Func<ClusterMember, MemberState, Task<bool>>? looked = null)
    {
        var member = new ClusterMember(name, await PostgresJournal.OpenAsync(new PostgresJournalOptions { Connection = connection, Shards = shards }));
        await member.BeatAsync();
        member._beating = Task.Run(async () =>
        {
            while (!member._stop.IsCancellationRequested)
            {
                var state = await member.BeatAsync();
                if (looked is not null && !await looked(member, state))
                    break;
                await Task.Delay(50);
            }
            await member.Journal.ResignAsync();
        });
        return member;
    }

    /// <summary>Leaves in order.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating;
        await Journal.DisposeAsync();
        _stop.Dispose();
    }

    private async Task<MemberState> BeatAsync()
    {
        var view = await Journal.BeatAsync(new MemberBeat(_name, _instance, ["handler"], 1, "1.0", "http://127.0.0.1:1/", MemberState.Up, [], null));
        return view.Members.Single(m => m.Beat.Name == _name).Beat.State;
    }
}
