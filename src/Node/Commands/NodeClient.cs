using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary>Asks a node over HTTP.</summary>
internal sealed class NodeClient : IDisposable
{
    // Of a server-sent event; the node writes each object in one line.
    private const string Data = "data: ";

    private readonly Uri _node;
    private readonly string _option;
    private readonly HttpClient _http;
    private readonly string? _host;
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <param name="node">Its address.</param>
    /// <param name="option">The option that names another one, for the error when none answers.</param>
    /// <param name="host">Name of the node of its cluster that is to answer; null for itself.</param>
    /// <param name="token">Token that is sent; null for none.</param>
    /// <param name="authority">The one of the node's certificate; null for those of the system.</param>
    public NodeClient(Uri node, string option = "--node", string? host = null, string? token = null, X509Certificate2? authority = null)
    {
        (_node, _option, _host) = (node, option, host);
        // No proxy: a node is on this machine or named on purpose. Reading a stream has no time limit, connecting has.
        var handler = new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5), AllowAutoRedirect = false };
        if (authority is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(authority);
        }
        _http = new HttpClient(handler) { BaseAddress = node, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The items of a list, part by part.</summary>
    /// <param name="path">Path of the API.</param>
    /// <param name="parameters">Parameters; those without a value are left out.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public async IAsyncEnumerable<JsonElement> ItemsAsync(
        string path, IEnumerable<(string Name, string? Value)> parameters, [EnumeratorCancellation] CancellationToken cancel)
    {
        List<(string, string?)> all = [.. parameters];
        for (string? cursor = null; ;)
        {
            var page = await SendAsync(HttpMethod.Get, WithQuery(path, [.. all, ("cursor", cursor)]), cancel);
            foreach (var item in page.Items("items"))
                yield return item;
            if (!page.Has("next"))
                yield break;
            cursor = page.Text("next");
        }
    }

    /// <summary>What a stream tells, as it comes: each an object of JSON.</summary>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public IAsyncEnumerable<string> FollowAsync(string path, IEnumerable<(string Name, string? Value)> parameters, CancellationToken cancel) =>
        FollowAsync(new HttpRequestMessage(HttpMethod.Get, Named(WithQuery(path, parameters))), cancel);

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

    /// <summary>Posts a text; what the answer tells, as it comes.</summary>
    /// <exception cref="CommandException">No node there, or it refused.</exception>
    public IAsyncEnumerable<string> PostAsync(string path, IEnumerable<(string Name, string? Value)> parameters, string body, CancellationToken cancel) =>
        FollowAsync(new HttpRequestMessage(HttpMethod.Post, Named(WithQuery(path, parameters))) { Content = new StringContent(body) }, cancel);

    /// <summary>A path with its parameters; those without a value are left out.</summary>
    public static string WithQuery(string path, IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
        return query.Length > 0 ? $"{path}?{query}" : path;
    }

    public void Dispose() => _http.Dispose();

    private async IAsyncEnumerable<string> FollowAsync(HttpRequestMessage request, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var sent = request;
        using var response = await SendAsync(request, cancel);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        while (await ReadLineAsync(reader, cancel) is { } line)
        {
            if (line.StartsWith(Data, StringComparison.Ordinal))
                yield return line[Data.Length..];
        }
    }

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
            foreach (var warning in response.Headers.Warning.Where(w => _warned.Add(w.Text)))
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
