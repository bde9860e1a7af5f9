using System.Text;

namespace FtpActors.Actors.Placement;

/// <summary>
/// Weighted rendezvous hashing: every node computes the same ranking of the nodes for a shard without talking to any, and a node that comes or
/// goes changes only its own places in the rankings.
/// </summary>
internal static class Rendezvous
{
    /// <summary>Score of a node for a shard; the highest ranks first. Over many shards a node ranks first in proportion to its weight.</summary>
    public static double Score(string node, int weight, int shard)
    {
        // -w / ln u: https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf
        var u = ((Hash(node, shard) >> 11) + 0.5) / (1UL << 53);
        return -weight / Math.Log(u);
    }

    // FNV-1a, 64 bits, over the name and the shard; then the finalizer of MurmurHash3, because FNV's high bits change little with the last byte.
    private static ulong Hash(string node, int shard)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(node))
            hash = (hash ^ b) * 1099511628211UL;
        for (var shift = 0; shift < 32; shift += 8)
            hash = (hash ^ (byte)(shard >> shift)) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }
}
