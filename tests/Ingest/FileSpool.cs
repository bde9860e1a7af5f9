using System.Buffers.Binary;
using System.Text;

namespace FtpActors.Ingest.Tests;

/// <summary>
/// A small spool in a file that survives a kill: one record per batch, [bytes of the rest][bytes of the state][state][paths, each ended by LF].
/// A record that was not written whole is no record.
/// </summary>
internal sealed class FileSpool : ISpool, IDisposable
{
    private readonly FileStream _file;
    private byte[]? _state;

    public FileSpool(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var end = 0L;
        foreach (var (state, _, next) in Records(File.ReadAllBytes(path)))
            (_state, end) = (state, next);
        _file.SetLength(end);
        _file.Position = end;
    }

    public static List<string> Texts(string path) =>
        File.Exists(path) ? [.. Records(File.ReadAllBytes(path)).SelectMany(r => r.Texts.Split('\n', StringSplitOptions.RemoveEmptyEntries))] : [];

    public Task<long> AppendAsync(SourceBatch batch)
    {
        var texts = Encoding.Latin1.GetBytes(string.Concat(batch.Events.Select(e => e.Path + "\n")));
        var state = batch.SourceState ?? [];
        var record = new byte[8 + state.Length + texts.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length - 4);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), state.Length);
        state.CopyTo(record, 8);
        texts.CopyTo(record, 8 + state.Length);
        _file.Write(record);
        _file.Flush(flushToDisk: true);
        return Task.FromResult(1L);
    }

    public Task<byte[]?> ReadSourceStateAsync(string source) => Task.FromResult(_state);

    public void Dispose() => _file.Dispose();

    private static IEnumerable<(byte[] State, string Texts, long End)> Records(byte[] file)
    {
        for (var at = 0; at + 8 <= file.Length;)
        {
            var end = at + 4 + BitConverter.ToInt32(file, at);
            if (end > file.Length)
                yield break;
            var texts = at + 8 + BitConverter.ToInt32(file, at + 4);
            yield return (file[(at + 8)..texts], Encoding.Latin1.GetString(file[texts..end]), end);
            at = end;
        }
    }
}
