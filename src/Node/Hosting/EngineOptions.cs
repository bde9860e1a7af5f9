using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Protocol.Globs;

namespace FtpActors.Node.Hosting;

/// <summary>What the engine of a node is made of.</summary>
internal sealed record EngineOptions
{
    /// <summary>Name of the node, and of the FTP host beside it.</summary>
    public required string Node { get; init; }

    /// <summary>The data folder; made, for its owner only, when it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>Number of handlers, fixed when the journal is made.</summary>
    public required int Handlers { get; init; }

    /// <summary>Role <c>ingest</c>: there is a spool, and what is in it is shipped.</summary>
    public bool Ingest { get; init; } = true;

    /// <summary>Role <c>handler</c>: the handlers live here.</summary>
    public bool Handler { get; init; } = true;

    /// <summary>Windows and limits of the handlers.</summary>
    public ShardOptions Windows { get; init; } = new();

    /// <summary>Names of uploads that the client will change.</summary>
    public IReadOnlyList<Glob> TemporaryNames { get; init; } = [];

    /// <summary>The rules in force.</summary>
    public required RuleBook Book { get; init; }

    /// <summary>Runs their actions.</summary>
    public required IActionRunner Runner { get; init; }

    /// <summary>Actions that run at once.</summary>
    public int Parallel { get; init; } = 16;

    /// <summary>How long a stop waits for running actions.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The cluster it is part of; null for a node that is alone.</summary>
    public ClusterOptions? Cluster { get; init; }

    /// <summary>The site's own settings of the actor system, in HOCON as Akka reads it; "" for none.</summary>
    public string Akka { get; init; } = "";
}
