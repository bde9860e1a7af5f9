using FtpActors.Protocol;
using FtpActors.Protocol.Proftpd;

namespace FtpActors.Ingest.Proftpd;

/// <summary>What lines of a log say, held so long that the next line of a session may still judge the last. Pure but for the clock that is given.</summary>
internal sealed class ProftpdLines
{
    // A burst of a whole FIFO, 1 MiB, is some 4,000 lines.
    private const int Most = 20_000;

    private readonly ProftpdLogOptions _options;
    private readonly ProftpdOrder<HeldLine> _order;

    /// <param name="options">The source.</param>
    /// <param name="held">What the one before it had read and not told.</param>
    public ProftpdLines(ProftpdLogOptions options, IReadOnlyList<HeldLine> held)
    {
        (_options, _order) = (options, new ProftpdOrder<HeldLine>(options.Hold, Most, byTime: false));
        foreach (var line in held)
            _order.Add(line.ReceivedAt, ProftpdLogLine.TryDecode(line.Bytes, out var message, out _) ? message : null, line);
    }

    /// <summary>What waits, in the order it came.</summary>
    public IReadOnlyList<HeldLine> Held => [.. _order.Waiting];

    /// <summary>When something is to be told though nothing comes; null when nothing waits.</summary>
    public DateTimeOffset? DueAt => _order.DueAt;

    /// <summary>Takes lines, and tells what need not wait any longer.</summary>
    public SourceBatch Take(IReadOnlyList<byte[]> lines, DateTimeOffset now)
    {
        var events = new List<FtpEvent>();
        var quarantined = new List<QuarantinedMessage>();
        foreach (var bytes in lines)
        {
            if (_options.IsXferlog)
            {
                if (XferlogLine.TryDecode(bytes, out var line, out var why))
                    events.Add(ProftpdEvents.OfLine(line, now, _options.Host, _options.Name, TimeZoneInfo.Local));
                else
                    quarantined.Add(new QuarantinedMessage(now, _options.Name, _options.Fifo ?? _options.File, why, bytes));
            }
            else if (ProftpdLogLine.TryDecode(bytes, out var message, out var reason))
            {
                _order.Add(now, message, new HeldLine(now, bytes));
            }
            else
            {
                quarantined.Add(new QuarantinedMessage(now, _options.Name, _options.Fifo ?? _options.File, reason, bytes));
            }
        }
        foreach (var (message, _) in _order.Take(now))
        {
            if (message is not null && ProftpdEvents.OfMessage(message, now, _options.Host, _options.Name) is { } e)
                events.Add(e);
        }
        return new SourceBatch(_options.Name, events, quarantined);
    }
}
