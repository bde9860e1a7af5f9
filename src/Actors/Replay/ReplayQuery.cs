using System.Text.Json;

namespace FtpActors.Actors.Replay;

/// <summary>What a replay is about; stored with it. Null means any; texts are exact unless they have <c>*</c>.</summary>
public sealed record ReplayQuery
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Received (a session: opened or closed) at or after.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Received (a session: opened or closed) before.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Only this trigger: a kind of event, <c>session_start</c> or <c>session_end</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Only this user.</summary>
    public string? User { get; init; }

    /// <summary>Only these paths, old or new; of sessions, the ends of those that have such a file.</summary>
    public string? Path { get; init; }

    /// <summary>Only this rule.</summary>
    public string? Rule { get; init; }

    /// <summary>Only counts; makes nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Names of the rules in force when it began. One that was added later takes no part, also after a restart of the node.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>As it is stored.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads it back.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ReplayQuery Parse(string json) => JsonSerializer.Deserialize<ReplayQuery>(json, Json) ?? throw new JsonException("A replay has no parameters.");
}
