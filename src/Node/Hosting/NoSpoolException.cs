namespace FtpActors.Node.Hosting;

/// <summary>A question about sources or quarantine to a node that reads no sources.</summary>
internal sealed class NoSpoolException() : Exception(
    "This node reads no sources (its node.roles lack 'ingest'), so it has no spool and no quarantine: ask the node of the FTP host.");
