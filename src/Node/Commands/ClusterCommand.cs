using System.CommandLine;

namespace FtpActors.Node.Commands;

/// <summary><c>cluster</c>: the nodes that share a journal.</summary>
internal static class ClusterCommand
{
    public static Command Make() => new("cluster", "The nodes that share a journal: who is in, who owns what, and orders to them. Any node answers for all.")
    {
        ClusterShowCommand.Make(),
        ClusterStatusCommand.Make(),
        ClusterShardsCommand.Make(),
        ClusterLeaveCommand.Make(),
        ClusterOrderCommands.MakeJoin(),
        ClusterOrderCommands.MakeDown(),
        ClusterOrderCommands.MakeForget(),
        ClusterRebalanceCommand.Make(),
    };
}
