using System.Globalization;

namespace FtpActors.Journal.Postgres.Spread;

/// <summary>Which of several servers has which shards; every shard is on exactly one.</summary>
public sealed class ShardMap
{
    /// <summary>Numbers of deliveries begin with that of their server: of more servers they would not be exact in JavaScript.</summary>
    public const int MostServers = 9;

    private readonly int[] _servers;

    /// <param name="servers">The server of each shard, from 0; each server has at least one.</param>
    /// <exception cref="ArgumentException">There is a server without a shard, or too many servers.</exception>
    public ShardMap(IReadOnlyList<int> servers)
    {
        _servers = [.. servers];
        Servers = _servers.Length == 0 ? 0 : _servers.Max() + 1;
        if (_servers.Length == 0 || _servers.Min() < 0 || Servers > MostServers || _servers.Distinct().Count() != Servers)
            throw new ArgumentException($"Servers are numbered from 0 to at most {MostServers - 1}, and each has a shard; this is {string.Join(' ', _servers)}.", nameof(servers));
    }

    /// <summary>Number of shards.</summary>
    public int Shards => _servers.Length;

    /// <summary>Number of servers.</summary>
    public int Servers { get; }

    /// <summary>The server that has a shard.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public int ServerOf(int shard)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, Shards);
        return _servers[shard];
    }

    /// <summary>Reads what a configuration says: ranges of shards, each with the number of its server.</summary>
    /// <param name="ranges">Such as <c>0-7</c>, or <c>3</c> alone, and a server's number.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="servers">Number of servers.</param>
    /// <param name="problem">What is wrong, for a person; null when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static ShardMap? TryRead(IEnumerable<(string Range, int Server)> ranges, int shards, int servers, out string? problem)
    {
        var map = new int[shards];
        Array.Fill(map, -1);
        foreach (var (range, server) in ranges)
        {
            if (TryRange(range, shards) is not var (first, last))
            {
                problem = $"\"{range}\" is not a range of shards from 0 to {shards - 1}, such as \"0-{shards - 1}\" or \"0\"";
                return null;
            }
            var twice = Enumerable.Range(first, last - first + 1).FirstOrDefault(s => map[s] >= 0, -1);
            problem = server < 0 || server >= servers ? $"\"{range}\" is on server {server}, and the connections are numbered from 0 to {servers - 1}"
                : twice >= 0 ? $"shard {twice} is there twice"
                : null;
            if (problem is not null)
                return null;
            Array.Fill(map, server, first, last - first + 1);
        }
        var missing = Array.IndexOf(map, -1);
        var idle = Enumerable.Range(0, servers).FirstOrDefault(s => !map.Contains(s), -1);
        problem = missing >= 0 ? $"shard {missing} has no server" : idle >= 0 ? $"server {idle} has no shard" : null;
        return problem is null ? new ShardMap(map) : null;
    }

    /// <summary>The same map always as the same text: ranges, as long as they can be, in the order of the shards: <c>0-7: 0, 8-15: 1</c>.</summary>
    public override string ToString()
    {
        var ranges = new List<string>();
        for (var first = 0; first < Shards;)
        {
            var next = first + 1;
            while (next < Shards && _servers[next] == _servers[first])
                next++;
            ranges.Add(next == first + 1 ? $"{first}: {_servers[first]}" : $"{first}-{next - 1}: {_servers[first]}");
            first = next;
        }
        return string.Join(", ", ranges);
    }

    private static (int First, int Last)? TryRange(string range, int shards) =>
        range.Split('-') is { Length: 1 or 2 } ends && Number(ends[0]) is { } first && Number(ends[^1]) is { } last && first <= last && last < shards
            ? (first, last)
            : null;

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>One of several servers.</summary>
/// <param name="Server">Its number, from 0.</param>
/// <param name="Map">Which server has which shards.</param>
public sealed record ServerPlace(int Server, ShardMap Map)
{
    /// <summary>Whether it has a shard.</summary>
    public bool Has(int shard) => Map.ServerOf(shard) == Server;
}
