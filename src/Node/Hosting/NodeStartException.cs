namespace FtpActors.Node.Hosting;

/// <summary>The node cannot start; the message is one line for the operator with the way out.</summary>
internal sealed class NodeStartException(string message, Exception? inner = null) : Exception(message, inner);
