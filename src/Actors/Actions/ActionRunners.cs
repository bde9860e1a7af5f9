using FtpActors.Actors.Actions.Kafka;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Actions;

/// <summary>All runners of a node; hands each action to the one for its kind.</summary>
public sealed class ActionRunners : IActionRunner, IDisposable
{
    private readonly ExecRunner _exec;
    private readonly MailRunner _mail;
    private readonly WebhookRunner _webhook;
    private readonly FileRunner _file;
    private readonly KafkaRunner _kafka;
    private readonly ValidRunner _valid;

    /// <summary>With the settings of the runners; <paramref name="mail"/> is null when there is no mail server, <paramref name="kafka"/> when there is no Kafka.</summary>
    public ActionRunners(ExecOptions exec, MailOptions? mail, TimeProvider time, KafkaOptions? kafka = null)
    {
        _exec = new ExecRunner(exec, time);
        _mail = new MailRunner(mail, time);
        _webhook = new WebhookRunner(time);
        _file = new FileRunner(time);
        _kafka = new KafkaRunner(kafka, time);
        _valid = new ValidRunner(_exec);
    }

    /// <inheritdoc/>
    public Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel) => context.Action switch
    {
        ExecAction => _exec.RunAsync(context, cancel),
        MailAction => _mail.RunAsync(context, cancel),
        WebhookAction => _webhook.RunAsync(context, cancel),
        FileAction => _file.RunAsync(context, cancel),
        KafkaAction => _kafka.RunAsync(context, cancel),
        ValidAction => _valid.RunAsync(context, cancel),
        var other => throw new NotSupportedException($"There is no runner for {other.Kind}."),
    };

    /// <summary>No action may be running.</summary>
    public void Dispose()
    {
        _exec.Dispose();
        _webhook.Dispose();
        _file.Dispose();
        _kafka.Dispose();
    }
}
