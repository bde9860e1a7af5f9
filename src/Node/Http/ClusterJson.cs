using System.Text.Json;
using FtpActors.Actors.Placement;
using FtpActors.Journal;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>The cluster as JSON.</summary>
internal static class ClusterJson
{
    /// <summary>Members and what they amount to.</summary>
    public static void Write(Utf8JsonWriter json, (string Node, ClusterReport Report) item)
    {
        var (node, r) = item;
        var problems = r.Problems;
        json.WriteStartObject();
        json.WriteString("node", node);
        json.WriteBoolean("healthy", problems.Count == 0);
        json.WriteStartArray("problems");
        foreach (var problem in problems)
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WriteNumber("alive", r.View.Members.Count(m => m.IsAlive));
        json.WriteNumber("shards", r.View.Shards.Count);
        json.WriteNumber("owned", r.View.Shards.Count(s => s.IsHeld));
        json.WriteNumber("waiting", r.Waiting);
        WriteSeconds(json, "lag_seconds", r.WorstLag);
        json.WriteNumber("unshipped", r.Unshipped);
        json.WriteStartArray("on_hosts");
        foreach (var host in r.OnHosts)
        {
            json.WriteStartObject();
            json.WriteString("host", host.Host);
            json.WriteNumber("due", host.Due);
            EventJson.WriteTime(json, "oldest", host.OldestDue);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("members");
        foreach (var member in r.View.Members)
            WriteMember(json, r, member);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One shard over all spools.</summary>
    public static void WriteShard(Utf8JsonWriter json, (ShardProgress Shard, DateTimeOffset Now) item)
    {
        var (shard, now) = item;
        json.WriteStartObject();
        json.WriteNumber("shard", shard.Owner.Shard);
        json.WriteString("owner", shard.Owner.Owner);
        json.WriteBoolean("held", shard.Owner.IsHeld);
        json.WriteNumber("epoch", shard.Owner.Epoch);
        WriteTime(json, "since", shard.Owner.Since);
        json.WriteNumber("position", shard.Position);
        json.WriteNumber("head", shard.Head);
        json.WriteNumber("waiting", shard.Waiting);
        WriteTime(json, "oldest_waiting", shard.OldestWaiting);
        WriteSeconds(json, "lag_seconds", shard.Lag(now));
        json.WriteEndObject();
    }

    /// <summary>A shard that is about to move.</summary>
    public static void WriteMove(Utf8JsonWriter json, PlannedMove move)
    {
        json.WriteStartObject();
        json.WriteNumber("shard", move.Shard);
        json.WriteString("from", move.From);
        json.WriteString("to", move.To);
        json.WriteString("reason", move.Reason.ToString().ToLowerInvariant());
        json.WriteEndObject();
    }

    /// <summary>What was ordered of whom, and what the member had then.</summary>
    public static void WriteOrder(Utf8JsonWriter json, (string Member, string Order, IReadOnlyList<int> Shards) item)
    {
        json.WriteStartObject();
        json.WriteString("member", item.Member);
        json.WriteString("order", item.Order);
        WriteNumbers(json, "shards", item.Shards);
        json.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter json, ClusterReport r, Member member)
    {
        var beat = member.Beat;
        json.WriteStartObject();
        json.WriteString("name", beat.Name);
        json.WriteString("status", ClusterReport.StatusOf(member));
        json.WriteBoolean("alive", member.IsAlive);
        json.WriteStartArray("roles");
        foreach (var role in beat.Roles)
            json.WriteStringValue(role);
        json.WriteEndArray();
        json.WriteNumber("weight", beat.Weight);
        WriteNumbers(json, "shards", [.. r.HeldBy(beat.Name).Select(s => s.Shard)]);
        WriteNumbers(json, "refused", beat.Refused);
        if (beat.Backlog is { } backlog)
            json.WriteNumber("backlog", backlog);
        else
            json.WriteNull("backlog");
        json.WriteString("version", beat.Version);
        json.WriteString("url", beat.Url);
        EventJson.WriteTime(json, "started_at", member.StartedAt);
        WriteSeconds(json, "silence_seconds", member.Silence);
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IReadOnlyList<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } t)
            EventJson.WriteTime(json, name, t);
        else
            json.WriteNull(name);
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan span) => json.WriteNumber(name, Math.Round(span.TotalSeconds, 3));
}
