using System.IO.Pipelines;
using System.Text.Json;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>Answers as JSON: one object, or a list as <c>{"items": [...], "next": cursor}</c>.</summary>
internal static class JsonAnswer
{
    private const int FlushAt = 32 * 1024;

    /// <summary>One object.</summary>
    public static async Task OneAsync<T>(HttpContext http, T item, Action<Utf8JsonWriter, T> write)
    {
        using var json = Begin(http);
        write(json, item);
        json.Flush();
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    /// <summary>A list that is always whole.</summary>
    public static Task ListAsync<T>(HttpContext http, IEnumerable<T> items, Action<Utf8JsonWriter, T> write) =>
        PageAsync(http, items.ToAsyncEnumerable(), new Page(int.MaxValue, null, null), _ => "", write);

    /// <summary>A part of a list. Waits when the client is slower than the store.</summary>
    /// <param name="http">The request.</param>
    /// <param name="items">What follows the place of the page's cursor.</param>
    /// <param name="page">What part is wanted.</param>
    /// <param name="place">The place of an item in its list, which the next cursor holds.</param>
    /// <param name="write">Writes an item.</param>
    public static async Task PageAsync<T>(HttpContext http, IAsyncEnumerable<T> items, Page page, Func<T, string> place, Action<Utf8JsonWriter, T> write)
    {
        await using var reader = items.GetAsyncEnumerator(http.RequestAborted);
        // What fails at once is a problem of its own; later only the cut connection says that the answer is not whole.
        var isMore = await reader.MoveNextAsync();
        try
        {
            using var json = Begin(http);
            json.WriteStartObject();
            json.WriteStartArray("items");
            var last = default(T);
            for (var written = 0; isMore && written < page.Most; written++)
            {
                last = reader.Current;
                write(json, last);
                if (json.BytesPending + http.Response.BodyWriter.UnflushedBytes >= FlushAt)
                    await FlushAsync(json, http.Response.BodyWriter, http.RequestAborted);
                isMore = await reader.MoveNextAsync();
            }
            json.WriteEndArray();
            json.WriteString("next", isMore ? page.CursorAfter(place(last!)) : null);
            json.WriteEndObject();
            await FlushAsync(json, http.Response.BodyWriter, http.RequestAborted);
        }
        catch
        {
            await http.Response.StartAsync(CancellationToken.None);
            throw;
        }
    }

    private static Utf8JsonWriter Begin(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        return EventJson.NewWriter(http.Response.BodyWriter);
    }

    private static async ValueTask FlushAsync(Utf8JsonWriter json, PipeWriter output, CancellationToken cancel)
    {
        json.Flush();
        await output.FlushAsync(cancel);
    }
}
