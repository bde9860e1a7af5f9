using FtpActors.Node.Hosting;

namespace FtpActors.Node.Telemetry;

/// <summary>How a node is at a moment, as far as it takes questions to actors and tables.</summary>
/// <param name="At">When it was taken.</param>
/// <param name="IsReady">The node does its part.</param>
/// <param name="Backlog">Of the spool and the handlers that live here; null when they do not answer.</param>
/// <param name="Deliveries">Numbers of deliveries by rule and state; none without a history here.</param>
/// <param name="Homeless">Handlers that live nowhere; null on a node that is alone.</param>
internal sealed record NodeSample(DateTimeOffset At, bool IsReady, Backlog? Backlog, IReadOnlyList<(string Rule, string State, long Count)> Deliveries, int? Homeless);
