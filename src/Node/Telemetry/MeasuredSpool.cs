using System.Diagnostics;
using FtpActors.Ingest;
using FtpActors.Protocol;

namespace FtpActors.Node.Telemetry;

/// <summary>Counts what sources make durable, and how long that takes.</summary>
internal sealed class MeasuredSpool(ISpool spool, string spoolId, NodeMetrics metrics, EventTrace trace, TimeProvider time) : ISpool
{
    public async Task<long> AppendAsync(SourceBatch batch)
    {
        var began = Stopwatch.GetTimestamp();
        var first = await spool.AppendAsync(batch);
        metrics.Stored(batch, Stopwatch.GetElapsedTime(began));
        if (trace.IsOn)
            Trace(batch, first);
        return first;
    }

    public Task<byte[]?> ReadSourceStateAsync(string source) => spool.ReadSourceStateAsync(source);

    private void Trace(SourceBatch batch, long first)
    {
        for (var i = 0; i < batch.Events.Count; i++)
        {
            if (trace.IsTraced(first + i))
                trace.Done("spool", spoolId, first + i, batch.Events[i].ReceivedAt, time.GetUtcNow(), new("ftpactors.source", batch.Source), new("ftpactors.kind", Names.Of(batch.Events[i].Kind)));
        }
    }
}
