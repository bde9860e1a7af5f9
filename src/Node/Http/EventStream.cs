using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>An answer as server-sent events: each an object of JSON, some with an id by which a client that was cut off goes on.</summary>
internal sealed class EventStream : IDisposable
{
    /// <summary>How long an answer may be silent: an empty line says that the node still lives.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(15);

    private const int FlushAt = 32 * 1024;

    private readonly PipeWriter _output;
    private readonly CancellationToken _cancel;
    private readonly Utf8JsonWriter _json;

    public EventStream(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        // Proxies must not hold an event back.
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        _output = http.Response.BodyWriter;
        _cancel = http.RequestAborted;
        _json = EventJson.NewWriter(_output);
    }

    /// <summary>Writes one event. Waits when the client is slower.</summary>
    /// <param name="item">What it tells.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="name">Its kind; null for the usual one.</param>
    public async ValueTask WriteAsync<T>(T item, Action<Utf8JsonWriter, T> write, string? name = null)
    {
        if (name is not null)
            Put($"event: {name}\n");
        _output.Write("data: "u8);
        write(_json, item);
        _json.Flush();
        _json.Reset();
        _output.Write("\n\n"u8);
        if (_output.UnflushedBytes >= FlushAt)
            await FlushAsync();
    }

    /// <summary>Up to here everything has been told: from here on a client goes on when it comes back.</summary>
    public void Mark(string id) => Put($"id: {id}\n\n");

    /// <summary>Tells nothing but that the node lives.</summary>
    public async ValueTask BeatAsync()
    {
        _output.Write(":\n\n"u8);
        await FlushAsync();
    }

    public async ValueTask FlushAsync() => await _output.FlushAsync(_cancel);

    public void Dispose() => _json.Dispose();

    private void Put(string text) => _output.Write(Encoding.ASCII.GetBytes(text));
}
