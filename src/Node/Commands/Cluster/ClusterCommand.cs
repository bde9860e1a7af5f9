using System.CommandLine;

namespace FtpActors.Node.Commands.Cluster;

/// <summary><c>cluster</c>: the nodes that work together, in the words of Petabridge.Cmd's palette.</summary>
internal static class ClusterCommand
{
    public static Command Make() => new("cluster", "The nodes of the cluster: who is in, where the handlers live, and orders to them. Any node answers for all.")
    {
        ClusterShowCommand.MakeShow(),
        ClusterShowCommand.MakeListNodes(),
        ClusterStatusCommand.Make(),
        ClusterShardsCommand.MakeShards(),
        ClusterShardsCommand.MakeRebalance(),
        ClusterOrderCommands.MakeLeave(),
        ClusterOrderCommands.MakeDown(),
        ClusterOrderCommands.MakeDownUnreachable(),
        ClusterOrderCommands.MakeJoin(),
    };
}
