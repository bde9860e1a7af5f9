using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>An answer as JSON Lines: one object per line, flushed when enough is there or the caller says so.</summary>
internal sealed class JsonLines : IDisposable
{
    private const int FlushAt = 32 * 1024;

    private readonly PipeWriter _output;
    private readonly CancellationToken _cancel;
    private readonly Utf8JsonWriter _json;

    public JsonLines(HttpContext http)
    {
        http.Response.ContentType = "application/x-ndjson";
        // Proxies must not hold a line back.
        http.Response.Headers.CacheControl = "no-store";
        _output = http.Response.BodyWriter;
        _cancel = http.RequestAborted;
        _json = EventJson.NewWriter(_output);
    }

    /// <summary>Writes one line. Waits when the client is slower than the journal.</summary>
    public async ValueTask WriteAsync<T>(T item, Action<Utf8JsonWriter, T> write)
    {
        write(_json, item);
        _json.Flush();
        _json.Reset();
        _output.Write("\n"u8);
        if (_output.UnflushedBytes >= FlushAt)
            await FlushAsync();
    }

    public async ValueTask FlushAsync() => await _output.FlushAsync(_cancel);

    /// <summary>Writes every item of a query and flushes.</summary>
    public async Task WriteAllAsync<T>(IAsyncEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        await foreach (var item in items.WithCancellation(_cancel))
            await WriteAsync(item, write);
        await FlushAsync();
    }

    public void Dispose() => _json.Dispose();
}
