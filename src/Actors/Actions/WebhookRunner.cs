using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Actions;

/// <summary>
/// Posts a <see cref="CloudEvent"/>. 2xx is success. Worth another try: no answer, 408, 425, 429 and every 5xx; any other status says that the
/// same request will be refused again. Retry-After is honoured on whatever is tried again, up to a day.
/// </summary>
public sealed class WebhookRunner : IActionRunner, IDisposable
{
    // An answer is for a person to look at; one that is longer than this is not read to its end.
    private const int LongestAnswer = 1 << 20;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    private readonly HttpClient _direct = NewClient(followRedirects: false);
    private readonly HttpClient _following = NewClient(followRedirects: true);
    private readonly TimeProvider _time;

    /// <summary>With the clock for signatures, timeouts and Retry-After dates.</summary>
    public WebhookRunner(TimeProvider time) => _time = time;

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var action = (WebhookAction)context.Action;
        using var timeout = new CancellationTokenSource(action.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            using var request = await RequestAsync(context, action, either.Token).ConfigureAwait(false);
            var client = action.FollowRedirects ? _following : _direct;
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var ends = new OutputEnds();
            try
            {
                await ReadAsync(answer, ends, either.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                // The status has been received, and it alone decides; the body is only kept for people.
                return Judge(action, answer, ends, $" (the answer broke off: {e.Message})");
            }
            return Judge(action, answer, ends, "");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ActionOutcome.Later($"{action.Url}: no answer within {action.Timeout.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException e)
        {
            var cause = e.InnerException is SocketException or IOException or System.Security.Authentication.AuthenticationException ? e.InnerException : e;
            return ActionOutcome.Later($"{action.Url}: {cause.Message}");
        }
        catch (SecretException e)
        {
            return ActionOutcome.Later(e.Message);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _direct.Dispose();
        _following.Dispose();
    }

    private static HttpClient NewClient(bool followRedirects) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = followRedirects,
        MaxAutomaticRedirections = 5,
        UseProxy = false,
        UseCookies = false,
        // Names that move are looked up again.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 32,
        ActivityHeadersPropagator = null,
    })
    {
        // Each action has its own.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private async Task<HttpRequestMessage> RequestAsync(ActionContext context, WebhookAction action, CancellationToken cancel)
    {
        var body = CloudEvent.Write(context);
        var secret = await Secret.ReadAsync(action.SecretFile, action.SecretVariable, cancel).ConfigureAwait(false);
        var request = new HttpRequestMessage(HttpMethod.Post, action.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(CloudEvent.ContentType, "utf-8");
        request.Headers.Add("Idempotency-Key", context.DeliveryKey);
        request.Headers.Add("Ftpactors-Attempt", context.Attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (secret is not null)
            request.Headers.Add("Ftpactors-Signature", CloudEvent.Sign(Encoding.UTF8.GetBytes(secret), _time.GetUtcNow().ToUnixTimeSeconds(), body));
        foreach (var (name, value) in action.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return request;
    }

    private static async Task ReadAsync(HttpResponseMessage answer, OutputEnds ends, CancellationToken cancel)
    {
        using var stream = await answer.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var buffer = new byte[OutputEnds.Kept];
        while (ends.Total < LongestAnswer && await stream.ReadAsync(buffer, cancel).ConfigureAwait(false) is > 0 and var count)
            ends.Add(buffer.AsSpan(0, count));
    }

    private ActionOutcome Judge(WebhookAction action, HttpResponseMessage answer, OutputEnds ends, string remark)
    {
        var code = (int)answer.StatusCode;
        var retryable = answer.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 || code >= 500;
        var summary = code switch
        {
            < 300 => $"{code}{remark}",
            < 400 => $"{action.Url} answered {code}, a redirect to {answer.Headers.Location}; write that address in the rule or set follow_redirects",
            _ => $"{action.Url} answered {code} {answer.ReasonPhrase}{remark}",
        };
        return new ActionOutcome(code is >= 200 and < 300, retryable, code, summary, ends.First, ends.Last, retryable ? RetryAfter(answer) : null);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait is not { } w || w <= TimeSpan.Zero ? null : w < LongestRetryAfter ? w : LongestRetryAfter;
    }
}
