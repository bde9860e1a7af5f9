using System.Runtime.CompilerServices;

namespace FtpActors.Ingest.Watching;

/// <summary>The spool of a source beside a watch: its uploads go among the told files before they are stored, and the bookmark says which are.</summary>
internal sealed class FusedSpool(string source, ISpool spool, UploadFusion fusion) : ISpool
{
    private readonly Lock _gate = new();
    // The very same batch may come again, and is then stored once.
    private readonly ConditionalWeakTable<SourceBatch, SourceBatch> _fused = [];
    private FusedState? _state;

    public async Task<long> AppendAsync(SourceBatch batch)
    {
        var begun = await fusion.BeginAsync(source).ConfigureAwait(false);
        SourceBatch? fused;
        lock (_gate)
        {
            if (!_fused.TryGetValue(batch, out fused))
            {
                var before = _state ?? begun;
                var state = new FusedState(before.Batch + 1, batch.SourceState ?? before.Own);
                fused = batch with { Events = fusion.Take(source, state.Batch, batch.Events), SourceState = state.Encode() };
                _state = state;
                _fused.Add(batch, fused);
            }
        }
        return await spool.AppendAsync(fused).ConfigureAwait(false);
    }

    public async Task<byte[]?> ReadSourceStateAsync(string source) =>
        FusedState.Decode(await spool.ReadSourceStateAsync(source).ConfigureAwait(false)).Own;
}
