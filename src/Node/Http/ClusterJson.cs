using System.Text.Json;
using FtpActors.Actors.Clustering;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary>The cluster as JSON.</summary>
internal static class ClusterJson
{
    public static void Write(Utf8JsonWriter json, ClusterReport report)
    {
        json.WriteStartObject();
        json.WriteString("node", report.Self);
        json.WriteBoolean("healthy", report.Problems.Count == 0);
        json.WriteNumber("shards", report.Handlers.Count);
        json.WriteStartArray("problems");
        foreach (var problem in report.Problems)
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WriteStartArray("members");
        foreach (var member in report.Members)
        {
            WriteMember(json, member);
            json.WriteBoolean("leader", member.Address.Address.Equals(report.Leader));
            json.WriteStartArray("shards");
            foreach (var handler in report.HandlersOf(member.Name))
                json.WriteNumberValue(handler);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteHandler(Utf8JsonWriter json, HandlerHome home)
    {
        json.WriteStartObject();
        json.WriteNumber("shard", home.Handler);
        json.WriteString("owner", home.Owner);
        json.WriteEndObject();
    }

    public static void WriteOrder(Utf8JsonWriter json, (string Done, IReadOnlyList<ClusterNode> Members) order)
    {
        json.WriteStartObject();
        json.WriteString("order", order.Done);
        json.WriteStartArray("members");
        foreach (var member in order.Members)
        {
            WriteMember(json, member);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Without its end: more follows.
    private static void WriteMember(Utf8JsonWriter json, ClusterNode member)
    {
        json.WriteStartObject();
        json.WriteString("name", member.Name);
        json.WriteStartArray("roles");
        foreach (var role in member.Roles)
            json.WriteStringValue(role);
        json.WriteEndArray();
        json.WriteString("address", $"{member.Address.Address.Host}:{member.Address.Address.Port}");
        json.WriteNumber("uid", member.Address.Uid);
        json.WriteString("status", member.Status.ToString().ToLowerInvariant());
        json.WriteBoolean("reachable", member.IsReachable);
        json.WriteBoolean("self", member.IsSelf);
    }
}
