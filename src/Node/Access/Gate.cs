using System.Net;
using System.Threading.RateLimiting;
using FtpActors.Node.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace FtpActors.Node.Access;

/// <summary>Stands before every endpoint: too many requests, pages of other sites, requests without a valid token and writes by readers go no further. Each write leaves an audit line.</summary>
internal sealed class Gate : IAsyncDisposable
{
    /// <summary>Name of the cookie that the login of the dashboard sets; it holds the token.</summary>
    public const string Cookie = "ftpactors_token";

    private const string Bearer = "Bearer ";

    private readonly bool _needsToken;
    private readonly bool _loopbackOnly;
    private readonly ClusterPass _pass;
    private readonly ILogger _log;
    private readonly PartitionedRateLimiter<IPAddress> _requests;

    /// <param name="needsToken">Whether a request without a token is refused.</param>
    /// <param name="loopbackOnly">The node listens on loopback: only the names of loopback are its own.</param>
    /// <param name="requestsPerSecond">Of one address.</param>
    /// <param name="tokens">The tokens.</param>
    /// <param name="pass">Knows requests that came to other nodes.</param>
    /// <param name="log">The log.</param>
    public Gate(bool needsToken, bool loopbackOnly, int requestsPerSecond, TokenBook tokens, ClusterPass pass, ILogger log)
    {
        (_needsToken, _loopbackOnly, Tokens, _pass, _log) = (needsToken, loopbackOnly, tokens, pass, log);
        var options = new TokenBucketRateLimiterOptions
        {
            TokenLimit = 2 * requestsPerSecond, TokensPerPeriod = requestsPerSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0, AutoReplenishment = true,
        };
        _requests = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => options));
    }

    public TokenBook Tokens { get; }

    /// <summary>The middleware. Routing stands before it: an endpoint may say who may reach it.</summary>
    public RequestDelegate Before(RequestDelegate next) => http => PassAsync(http, next);

    public async ValueTask DisposeAsync()
    {
        await Tokens.DisposeAsync();
        await _requests.DisposeAsync();
    }

    private async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (_pass.Find(http.Request) is { } elsewhere)
        {
            await AllowedAsync(http, elsewhere, next);
            return;
        }
        using var lease = _requests.AttemptAcquire(Asker.AddressOf(http));
        if (!lease.IsAcquired)
        {
            http.Response.Headers.RetryAfter = "1";
            await Problems.WriteAsync(http, StatusCodes.Status429TooManyRequests, "Too many requests from this address; setting api.requests_per_second says how many are answered.");
            return;
        }
        if (IsForeign(http.Request))
        {
            await Problems.WriteAsync(http, StatusCodes.Status403Forbidden, "This request comes from a page of another site.");
            return;
        }
        if (Secret(http.Request) is { } secret)
        {
            if (Tokens.Find(secret) is { } found)
            {
                await using var ends = found.Revoked.Register(http.Abort);
                await AllowedAsync(http, new Asker(found.Token.Name, found.Token.Role), next);
                return;
            }
            if (!IsOpen(http))
                _log.TokenRefused(Asker.AddressOf(http).ToString());
        }
        else if (!_needsToken)
        {
            await AllowedAsync(http, Asker.Loopback, next);
            return;
        }
        if (IsOpen(http))
            await next(http);
        else
            await UnknownAsync(http, Secret(http.Request) is not null);
    }

    private async Task AllowedAsync(HttpContext http, Asker asker, RequestDelegate next)
    {
        http.Features.Set(asker);
        var isWrite = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method);
        if (isWrite && asker.Role != Role.Operator && http.GetEndpoint()?.Metadata.GetMetadata<Readable>() is null)
        {
            await Problems.WriteAsync(http, StatusCodes.Status403Forbidden, $"The token '{asker.Name}' has the role reader; this takes the role operator.");
            Audit(http, asker);
            return;
        }
        try
        {
            await next(http);
        }
        finally
        {
            if (isWrite)
                Audit(http, asker);
        }
    }

    // As it was sent, where everything unusual is percent-encoded.
    private void Audit(HttpContext http, Asker asker) =>
        _log.Written(http.Request.Method, http.Request.GetEncodedPathAndQuery(), asker.Name, Asker.AddressOf(http).ToString(), http.Response.StatusCode);

    private static bool IsOpen(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<Open>() is not null;

    private static string? Secret(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim()
        : request.Cookies.TryGetValue(Cookie, out var cookie) && cookie.Length > 0 ? cookie
        : null;

    private static Task UnknownAsync(HttpContext http, bool given)
    {
        // A person with a browser is shown where to log in.
        if (HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            http.Response.Redirect("/login");
            return Task.CompletedTask;
        }
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"ftpactors\"";
        return Problems.WriteAsync(http, StatusCodes.Status401Unauthorized, given
            ? "The token is not valid: it is unknown, revoked or expired. 'ftpactors token list' on the node's host has those that are."
            : "A token is needed. Make one on the node's host by 'ftpactors token new NAME', and give it by --token, FTPACTORS_TOKEN or the header 'Authorization: Bearer TOKEN'.");
    }

    // A page anywhere can make a browser send requests to an address that it reaches: by name (DNS rebinding), across origins, or with a cookie.
    private bool IsForeign(HttpRequest request)
    {
        var host = request.Host.Host.Trim('[', ']');
        if (_loopbackOnly && host != "localhost" && !(IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)))
            return true;
        if (request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host}")
            return true;
        // What browsers say of themselves; a link from elsewhere that a person follows only reads.
        return request.Headers["Sec-Fetch-Site"] is [("cross-site" or "same-site")]
            && !(HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate");
    }
}

/// <summary>Of an endpoint: everyone may reach it, also without a token.</summary>
internal sealed class Open
{
    public static readonly Open Instance = new();
}

/// <summary>Of an endpoint that takes a body and changes nothing: readers may use it.</summary>
internal sealed class Readable
{
    public static readonly Readable Instance = new();
}
