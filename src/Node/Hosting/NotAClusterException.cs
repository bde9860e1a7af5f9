namespace FtpActors.Node.Hosting;

/// <summary>A question about the cluster to a node that is alone.</summary>
internal sealed class NotAClusterException() : Exception(
    "This node is alone: its journal is one SQLite file of its own (journal.kind is 'sqlite'). Nodes that share a journal in PostgreSQL (journal.kind 'postgres') make a cluster: docs/cluster.md.");
