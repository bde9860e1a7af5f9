using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Protocol.Traffic;

/// <summary>One message to send.</summary>
/// <param name="Bytes">The datagram.</param>
/// <param name="Offset">When, counted from the start of the plan; never before the message before it.</param>
public readonly record struct PlannedMessage(byte[] Bytes, TimeSpan Offset);

/// <summary>
/// Made-up NcFTPd traffic: sessions of many users that log in, move files and log out, side by side. Pure and lazy; memory is bounded by
/// <see cref="TrafficOptions.Concurrency"/> and by what is sent within the duplicates' 200 ms and <see cref="TrafficOptions.ReorderMs"/>.
/// <para>
/// Synthetic in form, too: no capture of real NcFTPd messages is known, so this is the format as <see cref="NcFtpdEncoder"/> describes it.
/// </para>
/// <para>
/// What a receiver may rely on: every session has one login and one logout and a remote address that no other session has; messages of one session are at
/// least 5 ms apart before they are displaced; a transfer's start and duration add up to its plan time; no two messages are the same but for injected duplicates.
/// </para>
/// </summary>
public sealed class TrafficPlan
{
    private const int LatestDuplicateMs = 200;

    private readonly TrafficOptions _options;

    private TrafficPlan(TrafficOptions options) => _options = options;

    /// <summary>Makes a plan.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public static TrafficPlan Make(TrafficOptions options)
    {
        options.Validate();
        return new TrafficPlan(options);
    }

    /// <summary>
    /// The messages in the order of sending. Every enumeration begins anew with the same messages and sets <see cref="Totals"/> back; one at a time.
    /// </summary>
    public IEnumerable<PlannedMessage> Messages => Send();

    /// <summary>Counts what the current enumeration has handed out so far, the message in the caller's hand included.</summary>
    public TrafficTotals Totals { get; private set; }

    private IEnumerable<PlannedMessage> Send()
    {
        Totals = default;
        // Its own stream, so that the sessions of a seed are the same with and without displacement and duplicates.
        var transport = new SplitMix64(~_options.Seed);
        var startMs = _options.StartAt.ToUnixTimeMilliseconds();
        var onTheWay = new PriorityQueue<Copy, (long AtMs, long Order)>();
        var order = 0L;

        foreach (var (atMs, message) in InPlanOrder(startMs))
        {
            // Nothing that comes later can be sent before this one's turn.
            while (onTheWay.TryPeek(out _, out var first) && first.AtMs <= atMs)
                yield return HandOut(onTheWay.Dequeue(), first.AtMs - startMs);

            var bytes = NcFtpdEncoder.Encode(message);
            var sentMs = atMs + (_options.ReorderMs == 0 ? 0 : transport.Between(0, _options.ReorderMs));
            onTheWay.Enqueue(new Copy(bytes, message), (sentMs, order++));
            if (_options.DuplicateShare > 0 && transport.Chance(_options.DuplicateShare))
                onTheWay.Enqueue(new Copy(bytes, null), (sentMs + transport.Between(1, LatestDuplicateMs), order++));
        }
        while (onTheWay.TryDequeue(out var copy, out var last))
            yield return HandOut(copy, last.AtMs - startMs);
    }

    private IEnumerable<(long AtMs, NcFtpdMessage Message)> InPlanOrder(long startMs)
    {
        var random = new SplitMix64(_options.Seed);
        var open = new PriorityQueue<ScriptedSession, (long AtMs, long Number)>();
        var meanGapMs = (int)_options.MeanGap.TotalMilliseconds;
        var begun = 0L;

        // The first ones begin spread over a mean gap, or all logins would come at once.
        while (begun < Math.Min(_options.Sessions, _options.Concurrency))
            Begin(startMs + random.Between(0, meanGapMs));

        while (open.TryDequeue(out var session, out var turn))
        {
            yield return (turn.AtMs, session.Next());
            if (!session.IsOver)
                open.Enqueue(session, (session.AtMs, turn.Number));
            else if (begun < _options.Sessions)
                Begin(session.AtMs);
        }

        void Begin(long atMs)
        {
            var session = new ScriptedSession(random, begun, atMs, random.Between(_options.MinOps, _options.MaxOps), meanGapMs);
            open.Enqueue(session, (atMs, begun++));
        }
    }

    private PlannedMessage HandOut(Copy copy, long offsetMs)
    {
        Totals = Add(Totals with { Messages = Totals.Messages + 1 }, copy.Original);
        return new PlannedMessage(copy.Bytes, TimeSpan.FromMilliseconds(offsetMs));
    }

    private static TrafficTotals Add(TrafficTotals totals, NcFtpdMessage? message)
    {
        if (message is null)
            return totals;
        var ok = message.Status == "OK" ? 1 : 0;
        totals = totals with { Distinct = totals.Distinct + 1 };
        return message.Type switch
        {
            "LOGIN" => totals with { Sessions = totals.Sessions + 1 },
            "UPLOAD" => totals with { Uploads = totals.Uploads + ok, BytesUp = totals.BytesUp + (message.Bytes ?? 0) },
            "DOWNLOAD" => totals with { Downloads = totals.Downloads + ok, BytesDown = totals.BytesDown + (message.Bytes ?? 0) },
            _ => totals,
        };
    }

    /// <summary>A datagram on its way; <paramref name="Original"/> is null for an injected duplicate.</summary>
    private readonly record struct Copy(byte[] Bytes, NcFtpdMessage? Original);
}
