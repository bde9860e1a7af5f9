using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary>Asks a node over HTTP.</summary>
internal sealed class NodeClient : IDisposable
{
    private readonly Uri _node;
    private readonly string _option;
    private readonly HttpClient _http;
    private readonly string? _host;

    /// <param name="node">Its address.</param>
    /// <param name="option">The option that names another one, for the error when none answers.</param>
    /// <param name="host">Name of the node of its cluster that is to answer; null for itself.</param>
    public NodeClient(Uri node, string option = "--node", string? host = null)
    {
        (_node, _option, _host) = (node, option, host);
        // No proxy: a node is on this machine or named on purpose. Reading a stream has no time limit, connecting has.
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5), AllowAutoRedirect = false };
        _http = new HttpClient(handler) { BaseAddress = node, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
    }

    /// <summary>Lines of an answer as they come.</summary>
    /// <param name="path">Path of the API.</param>
    /// <param name="parameters">Parameters; those without a value are left out.</param>
    /// <param name="cancel">Ends the stream.</param>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public async IAsyncEnumerable<string> GetAsync(
        string path, IEnumerable<(string Name, string? Value)> parameters, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Named(WithQuery(path, parameters)));
        using var response = await SendAsync(request, cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await ReadLineAsync(reader, cancel) is { } line)
            yield return line;
    }

    /// <summary>An answer of one object.</summary>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public Task<JsonElement> ReadAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, cancel);

    /// <summary>Sends a request without a body; the one object of the answer.</summary>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public async Task<JsonElement> SendAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, Named(path));
        using var response = await SendAsync(request, cancel);
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(cancel));
        }
        catch (HttpRequestException e)
        {
            throw new NoNodeException($"the node at {_node} ended the connection before the answer was whole ({e.Message}).", e);
        }
    }

    /// <summary>Posts to a path; the lines of the answer.</summary>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public async Task<IReadOnlyList<string>> PostAsync(string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Named(path));
        using var response = await SendAsync(request, cancel);
        return (await response.Content.ReadAsStringAsync(cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Posts a text; the lines of the answer as they come.</summary>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public async IAsyncEnumerable<string> PostAsync(
        string path, IEnumerable<(string Name, string? Value)> parameters, string body, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Named(WithQuery(path, parameters))) { Content = new StringContent(body) };
        using var response = await SendAsync(request, cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await ReadLineAsync(reader, cancel) is { } line)
            yield return line;
    }

    /// <summary>A path with its parameters; those without a value are left out.</summary>
    public static string WithQuery(string path, IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
        return query.Length > 0 ? $"{path}?{query}" : path;
    }

    public void Dispose() => _http.Dispose();

    private string Named(string path) => _host is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}node={Uri.EscapeDataString(_host)}";

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new NoNodeException(
                $"no node answers at {_node} ({e.GetBaseException().Message}). Start one with 'ftpactors run', or name another with {_option} URL or FTPACTORS_NODE.", e);
        }
        if (response.IsSuccessStatusCode)
        {
            foreach (var warning in response.Headers.Warning)
                Console.Error.WriteLine($"ftpactors: {Visible.Of(warning.Text.Trim('"'))}");
            return response;
        }
        var detail = DetailOf(await response.Content.ReadAsStringAsync(cancel));
        response.Dispose();
        throw new CommandException(
            (int)response.StatusCode == 400 ? ExitCodes.Usage : ExitCodes.Failed, detail ?? $"{_node} answered {(int)response.StatusCode}: is this a node of FtpActors?");
    }

    private async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new CommandException(ExitCodes.Failed, $"the node at {_node} ended the connection before the answer was whole ({e.Message}).", e);
        }
    }

    private static string? DetailOf(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.Text("detail") is { Length: > 0 } detail ? detail : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
