using System.Text;
using Confluent.Kafka;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Actions.Kafka;

/// <summary>
/// Writes messages with one idempotent producer, acks=all. The key of a message is its session, the header <c>ftpactors-delivery-key</c> its idempotency key: a try whose answer
/// was lost is made again, and the message is then there twice with the same header.
/// </summary>
public sealed class KafkaRunner(KafkaOptions? options, TimeProvider time) : IActionRunner, IDisposable
{
    /// <summary>Name of the header with the idempotency key.</summary>
    public const string KeyHeader = "ftpactors-delivery-key";

    private readonly Lock _gate = new();
    private IProducer<byte[], byte[]>? _producer;

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var action = (KafkaAction)context.Action;
        if (options is null)
            return ActionOutcome.Later("this node has no section \"kafka\" in its configuration");
        if (!options.Formats.TryGetValue(action.Format, out var format))
            return ActionOutcome.Later($"this node's section \"kafka\" has no format \"{action.Format}\"");
        using var timeout = new CancellationTokenSource(action.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        var message = new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(KeyOf(context.Facts)),
            Value = format.Write(context.Facts, context.DeliveryKey),
            Headers = [new Header(KeyHeader, Encoding.UTF8.GetBytes(context.DeliveryKey))],
        };
        try
        {
            var written = await Producer().ProduceAsync(action.Topic, message, either.Token).ConfigureAwait(false);
            return new ActionOutcome(true, Retryable: false, null, $"{written.Topic}[{written.Partition.Value}]@{written.Offset.Value}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ActionOutcome.Later($"{options.Brokers}: topic {action.Topic} did not take the message within {action.Timeout.TotalSeconds:0.###} s");
        }
        catch (KafkaException e)
        {
            return Judge(action, e.Error);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return ActionOutcome.Later($"section \"kafka\": {e.Message}");
        }
    }

    /// <summary>Gives what is on its way a moment, and closes the connections.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _producer?.Flush(TimeSpan.FromSeconds(2));
            _producer?.Dispose();
            _producer = null;
        }
    }

    /// <summary>Our session where there is one; else the server's, else the host.</summary>
    private static string KeyOf(Facts facts) => facts.Text("session_id") ?? facts.Text("session") ?? facts.Text("host") ?? "";

    private ActionOutcome Judge(KafkaAction action, Error error)
    {
        var said = $"{options!.Brokers}, topic {action.Topic}: {error.Reason} ({error.Code})";
        if (error.IsFatal)
            Renew();
        // The same message will be refused again.
        return error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidMsg or ErrorCode.TopicException ? ActionOutcome.Never(said) : ActionOutcome.Later(said);
    }

    private IProducer<byte[], byte[]> Producer()
    {
        lock (_gate)
            return _producer ??= Build();
    }

    // After a fatal error an idempotent producer writes nothing any more.
    private void Renew()
    {
        lock (_gate)
        {
            _producer?.Dispose();
            _producer = null;
        }
    }

    private IProducer<byte[], byte[]> Build()
    {
        var config = new Dictionary<string, string>(options!.Properties, StringComparer.Ordinal)
        {
            ["bootstrap.servers"] = options.Brokers,
            ["acks"] = "all",
            ["enable.idempotence"] = "true",
        };
        config.TryAdd("client.id", "ftpactors");
        // The delivery's own tries are the backlog, not the client's queue.
        config.TryAdd("message.timeout.ms", "30000");
        // Its lines would go to standard error beside the node's own log; what a message meets is in its delivery.
        return new ProducerBuilder<byte[], byte[]>(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
    }
}
