using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>The node does not belong to its cluster any more: it has to begin anew, and will be one of it again.</summary>
internal sealed class NodeLostException(string reason) : JournalException(reason, null);
