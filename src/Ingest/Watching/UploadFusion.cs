using System.Buffers;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;
using FtpActors.Protocol.Watching;

namespace FtpActors.Ingest.Watching;

/// <summary>
/// Ties watches to the sources beside them, which tell uploads of the same files with their sessions: one upload is one event, whoever sees it first. Those sources tell theirs at once;
/// the watch waits for their word (<see cref="WatchOptions.Window"/>) before it tells alone. A word that comes later is stored with <see cref="EventFlags.Late"/>. Safe for callers on any thread.
/// </summary>
/// <param name="spool">The spool of all of them.</param>
/// <param name="watches">The watches of this node.</param>
public sealed class UploadFusion(ISpool spool, IReadOnlyList<WatchOptions> watches) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ToldFiles> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<FusedState>> _begun = new(StringComparer.Ordinal);
    private readonly FileLooks _files = new();

    /// <summary>The spool as a source is to see it.</summary>
    public ISpool SpoolOf(string source) => watches.Any(w => w.Beside.Contains(source)) ? new FusedSpool(source, spool, this) : spool;

    /// <summary>The told files of a watch; opened once.</summary>
    internal ToldFiles Told(WatchOptions watch)
    {
        lock (_gate)
            return _told.TryGetValue(watch.Name, out var told) ? told : _told[watch.Name] = new ToldFiles(watch.FilesPath);
    }

    /// <summary>Undoes, once, what a source put among the told files and the spool did not store.</summary>
    /// <exception cref="JournalUnavailableException">The spool does not answer.</exception>
    internal async Task<FusedState> BeginAsync(string source)
    {
        Task<FusedState> begun;
        lock (_gate)
        {
            if (!_begun.TryGetValue(source, out begun!) || begun.IsFaulted)
                _begun[source] = begun = UndoAsync(source);
        }
        return await begun.ConfigureAwait(false);
    }

    /// <summary>Puts a source's uploads among the told files, before they are stored; the events as they are to be stored.</summary>
    internal IReadOnlyList<FtpEvent> Take(string source, long batch, IReadOnlyList<FtpEvent> events)
    {
        if (!events.Any(e => e.Kind is EventKind.Upload or EventKind.Rename or EventKind.Delete))
            return events;
        var beside = watches.Where(w => w.Beside.Contains(source)).ToList();
        FtpEvent[] fused = [.. events.Select(e => beside.Find(w => IsIn(w, e.PathTo ?? e.Path)) is { } watch ? Take(watch, source, batch, e) : e)];
        foreach (var watch in beside)
            Told(watch).Commit();
        return fused;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var told in _told.Values)
            told.Dispose();
    }

    private async Task<FusedState> UndoAsync(string source)
    {
        var state = FusedState.Decode(await spool.ReadSourceStateAsync(source).ConfigureAwait(false));
        foreach (var watch in watches.Where(w => w.Beside.Contains(source)))
            Told(watch).Undo(source, state.Batch);
        return state;
    }

    private FtpEvent Take(WatchOptions watch, string source, long batch, FtpEvent e)
    {
        var told = Told(watch);
        switch (e)
        {
            case { Kind: EventKind.Upload, Path: { } path, Status: EventStatus.Ok or EventStatus.Unknown or EventStatus.Aborted or EventStatus.Incomplete }:
                var version = _files.Look(path)?.Version ?? default;
                if (told.At(path) is { Teller: "" } known && known.Version.HasContentOf(version))
                    return e with { Flags = e.Flags | EventFlags.Late };
                told.Put(new KnownFile(path, version, source), batch, watch.Rules.IsTemporary(path) ? BytesOf(e) : null);
                return e;
            case { Kind: EventKind.Rename, Path: { } from, PathTo: { } to, Status: EventStatus.Ok or EventStatus.Unknown }:
                if (_files.Look(to) is not { } look || told.At(from) is not { Teller.Length: > 0 } was
                    // It may have had its new name before the old one was looked at.
                    || !(was.Version == default || was.Version.IsFileOf(look.Version)))
                    return told.At(to) is { Teller: "" } ? e with { Flags = e.Flags | EventFlags.Late } : e;
                told.Put(new KnownFile(to, look.Version, source), batch, null);
                told.Remove(from, batch, source);
                return e;
            case { Kind: EventKind.Delete, Path: { } gone, Status: EventStatus.Ok }:
                told.Remove(gone, batch, source);
                return e;
            default:
                return e;
        }
    }

    private static byte[] BytesOf(FtpEvent e)
    {
        var bytes = new ArrayBufferWriter<byte>();
        EventBytes.Write(bytes, e);
        return bytes.WrittenSpan.ToArray();
    }

    private static bool IsIn(WatchOptions watch, string? path) => path?.StartsWith(watch.Path + "/", StringComparison.Ordinal) == true;
}
