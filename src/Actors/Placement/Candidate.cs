using FtpActors.Journal;

namespace FtpActors.Actors.Placement;

/// <summary>A member that may own shards, while a plan is made.</summary>
internal sealed class Candidate(Member member, int shards, long weights)
{
    private readonly HashSet<int> _refused = [.. member.Beat.Refused];

    public string Name => member.Beat.Name;

    /// <summary>Its share of the shards, rounded down: with fewer it is owed one.</summary>
    public int Least { get; } = (int)(shards * (long)member.Beat.Weight / weights);

    /// <summary>Its share of the shards, rounded up: with more it owes one.</summary>
    public int Most { get; } = (int)(((shards * (long)member.Beat.Weight) + weights - 1) / weights);

    /// <summary>What is lost of its exact share when it is rounded down; the larger, the sooner it is rounded up.</summary>
    public long Remainder { get; } = shards * (long)member.Beat.Weight % weights;

    /// <summary>How many shards it is to have: <see cref="Least"/> or <see cref="Most"/>.</summary>
    public int Share { get; set; }

    /// <summary>Shards that it owns, or will when the plan is carried out.</summary>
    public int Load { get; set; }

    /// <summary>How much less than its exact share it has, in shards times the sum of all weights: exact, so equal on every node.</summary>
    public long Owed => (shards * (long)member.Beat.Weight) - (Load * weights);

    public bool Refuses(int shard) => _refused.Contains(shard);

    public double Score(int shard) => Rendezvous.Score(Name, member.Beat.Weight, shard);

    /// <summary>Whether a member may own shards at all.</summary>
    public static bool Is(Member member) => member is { IsAlive: true, Beat.State: MemberState.Up } && member.Beat.Roles.Contains("handler");
}
