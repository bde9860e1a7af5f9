using Akka.Actor;
using FtpActors.Actors.Wire;
using FtpActors.Node.Access;

namespace FtpActors.Node.Http.Elsewhere;

/// <summary>One answer of this node's own API for another node: its head, then part by part what is asked for. It ends with the last part, or when nobody asks any more.</summary>
#pragma warning disable CA1001 // An actor's end is PostStop.
internal sealed class ApiAnswerActor : UntypedActor
#pragma warning restore CA1001
{
    private const int PartBytes = 64 * 1024;
    // An answer that follows events may be silent for long; who asks hears at least so often that this node lives.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly ClusterPass _pass;
    private readonly CancellationTokenSource _end = new();
    private readonly byte[] _buffer = new byte[PartBytes];
    private HttpResponseMessage? _response;
    private Stream? _content;
    private Task<int>? _reading;

    public ApiAnswerActor(HttpClient http, ClusterPass pass) => (_http, _pass) = (http, pass);

    protected override void PreStart() => SetReceiveTimeout(Forgotten);

    protected override void PostStop()
    {
        _end.Cancel();
        _response?.Dispose();
        _end.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ApiRequestBy request:
                var asker = Sender;
                OpenAsync(request).PipeTo(Self, asker, success: opened => opened, failure: e => new Broken(e));
                break;
            case Opened opened:
                (_response, _content) = (opened.Response, opened.Content);
                Sender.Tell(new ApiHead((int)_response.StatusCode, _response.Content.Headers.ContentType?.ToString() ?? "", Self));
                break;
            case ApiNext:
                // A read that is under way goes on over several questions.
                _reading ??= _content!.ReadAsync(_buffer, _end.Token).AsTask();
                WaitAsync(_reading, _end.Token).PipeTo(Self, Sender, success: read => new Waited(read), failure: e => new Broken(e));
                break;
            case Waited { Bytes: null }:
                Sender.Tell(new ApiPart([], IsLast: false));
                break;
            case Waited { Bytes: { } read }:
                _reading = null;
                Sender.Tell(new ApiPart(_buffer[..read], IsLast: read == 0));
                if (read == 0)
                    Context.Stop(Self);
                break;
            case Broken:
                // Its own log has said why; who asked finds this actor gone.
            case ApiStop:
            case ReceiveTimeout:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private async Task<Opened> OpenAsync(ApiRequestBy asked)
    {
        var request = asked.Request;
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Path) { Content = request.Body.Length > 0 ? new ByteArrayContent(request.Body) : null };
        _pass.Sign(message, asked.Who, Roles.TryParse(asked.Role, out var role) ? role : Role.Reader);
        var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        return new Opened(response, await response.Content.ReadAsStreamAsync(_end.Token));
    }

    private static async Task<int?> WaitAsync(Task<int> reading, CancellationToken end) =>
        await Task.WhenAny(reading, Task.Delay(Silence, end)) == reading ? await reading : null;

    private sealed record Opened(HttpResponseMessage Response, Stream Content) : INoSerializationVerificationNeeded;

    // Null: nothing has come yet.
    private sealed record Waited(int? Bytes) : INoSerializationVerificationNeeded;

    private sealed record Broken(Exception Reason) : INoSerializationVerificationNeeded;
}
