using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FtpActors.Journal;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

namespace FtpActors.Ingest;

/// <summary>The way into a node's spool: what the sources hand over is stored with the final names of uploads (<see cref="FinalNames"/>), for each source by itself.</summary>
public sealed class FinalNameSpool : ISpool
{
    private readonly ISpool _spool;
    private readonly IReadOnlyList<Glob> _patterns;
    private readonly ConcurrentDictionary<string, FinalNames> _names = new(StringComparer.Ordinal);
    // A batch that could not be stored is handed over again, and must then be what it was the first time.
    private readonly ConditionalWeakTable<SourceBatch, SourceBatch> _done = [];

    private FinalNameSpool(ISpool spool, IReadOnlyList<Glob> patterns) => (_spool, _patterns) = (spool, patterns);

    /// <inheritdoc/>
    public string SpoolId => _spool.SpoolId;

    /// <summary>Goes on where the node before it stood: uploads that are stored and not renamed yet are known from the spool.</summary>
    public static async Task<FinalNameSpool> OpenAsync(ISpool spool, IReadOnlyList<Glob> patterns)
    {
        var names = new FinalNameSpool(spool, patterns);
        if (patterns.Count == 0)
            return names;
        var uploads = await spool.ReadLatestAsync(EventKind.Upload, FinalNames.Most).ConfigureAwait(false);
        var renames = await spool.ReadLatestAsync(EventKind.Rename, FinalNames.Most).ConfigureAwait(false);
        foreach (var stored in uploads.Concat(renames).OrderBy(s => s.Seq))
            names.Of(stored.Event.Source).Remember(stored.Event);
        return names;
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(SourceBatch batch) =>
        _spool.AppendAsync(_done.GetValue(batch, one => one with { Events = Of(one.Source).Take(one.Events) }));

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadLatestAsync(EventKind kind, int most) => _spool.ReadLatestAsync(kind, most);

    /// <inheritdoc/>
    public Task<byte[]?> ReadSourceStateAsync(string source) => _spool.ReadSourceStateAsync(source);

    private FinalNames Of(string source) => _names.GetOrAdd(source, _ => new FinalNames(_patterns));
}
