namespace FtpActors.Protocol.Proftpd;

/// <summary>
/// Holds messages for a while and lets them go in each session's order, because mod_kafka spreads a session over partitions. It also sees what one message cannot say: that
/// an ABOR followed an upload that was answered as whole, and which RNFR a RNTO belongs to when the format has no <c>%w</c>. Pure: time is the caller's.
/// </summary>
/// <typeparam name="T">What the reader knows each message by.</typeparam>
/// <param name="hold">How long a message waits for older ones of its session.</param>
/// <param name="most">Messages held at most; with more the oldest half goes early. Bounds the memory.</param>
/// <param name="byTime">
/// The order of a session is that of the server's clock; else that in which its messages came. Its end is the last in both.
/// </param>
public sealed class ProftpdOrder<T>(TimeSpan hold, int most, bool byTime)
{
    // Bounds the memory of halves of renames whose second never comes.
    private const int MostRenames = 4096;

    /// <summary>So long a message whose time has come waits to be ready, at most.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, string> _renames = new(StringComparer.Ordinal);
    private List<Held> _held = [];
    private long _number;

    /// <summary>Messages that wait.</summary>
    public int Count => _held.Count;

    /// <summary>When the first of them may go; null when nothing waits.</summary>
    public DateTimeOffset? DueAt => _held.Count == 0 ? null : _held[0].ReceivedAt + hold;

    /// <summary>What waits, in the order it came.</summary>
    public IEnumerable<T> Waiting => _held.Select(h => h.Tag);

    /// <summary>Adds a message behind all others.</summary>
    /// <param name="receivedAt">When it came.</param>
    /// <param name="message">Null for what is none but keeps its place.</param>
    /// <param name="tag">What the reader knows it by.</param>
    public void Add(DateTimeOffset receivedAt, ProftpdMessage? message, T tag)
    {
        // mod_sftp tells what was still open after the end. A file that was cut belongs to the session all the same.
        var order = message is { IsExit: true } ? (DateTimeOffset.MaxValue, 0, _number) : byTime ? (message?.Time ?? receivedAt, message?.SessionBytesIn ?? 0, _number) : (default, 0, _number);
        _held.Add(new Held(receivedAt, message, tag, order));
        _number++;
    }

    /// <summary>Forgets what waits and is meant.</summary>
    public void Forget(Predicate<T> isMeant) => _held.RemoveAll(h => isMeant(h.Tag));

    /// <summary>Takes out what need not wait any longer: what came so long ago, and what is older than that in the same session.</summary>
    /// <param name="now">How late it is; <see cref="DateTimeOffset.MaxValue"/> takes all.</param>
    /// <param name="isReady">What else must hold for a message whose time has come; null: nothing.</param>
    public IReadOnlyList<(ProftpdMessage? Message, T Tag)> Take(DateTimeOffset now, Predicate<T>? isReady = null)
    {
        var goes = Due(now, isReady, out var count);
        if (count == 0)
            return [];
        // What goes of each session, and the newest of it: older ones go along.
        var parts = new Dictionary<string, SessionPart>(StringComparer.Ordinal);
        for (var i = 0; i < goes.Length; i++)
        {
            if (!goes[i] || _held[i].Message?.Session is not { } session)
                continue;
            if (!parts.TryGetValue(session, out var part))
                parts.Add(session, part = new SessionPart());
            part.Last = part.Goes.Count > 0 && part.Last.CompareTo(_held[i].Order) > 0 ? part.Last : _held[i].Order;
            part.Goes.Add(_held[i]);
        }
        var left = new List<Held>(_held.Count - count);
        for (var i = 0; i < _held.Count; i++)
        {
            if (i < goes.Length && goes[i])
                continue;
            var held = _held[i];
            var part = held.Message?.Session is { } session ? parts.GetValueOrDefault(session) : null;
            if (part is not null && held.Order.CompareTo(part.Last) < 0)
            {
                part.Goes.Add(held);
                continue;
            }
            left.Add(held);
            if (part is not null && (part.Next is not { } next || held.Order.CompareTo(next.Order) < 0))
                part.Next = held;
        }
        var taken = new List<(ProftpdMessage? Message, T Tag)>(_held.Count - left.Count);
        for (var i = 0; i < goes.Length; i++)
        {
            if (!goes[i])
                continue;
            // A session's messages stand together where its first one stood.
            if (_held[i].Message?.Session is not { } session)
                taken.Add((_held[i].Message, _held[i].Tag));
            else if (parts.Remove(session, out var part))
                part.LetGo(taken, (message, next) => Joined(session, message, next));
        }
        _held = left;
        return taken;
    }

    /// <summary>Which of the first messages go.</summary>
    private bool[] Due(DateTimeOffset now, Predicate<T>? isReady, out int count)
    {
        var early = now == DateTimeOffset.MaxValue ? _held.Count : _held.Count > most ? _held.Count / 2 : 0;
        var goes = new List<bool>();
        count = 0;
        for (var i = 0; i < _held.Count && (i < early || _held[i].ReceivedAt + hold <= now); i++)
        {
            goes.Add(i < early || isReady is null || isReady(_held[i].Tag) || _held[i].ReceivedAt + hold + LongestWait <= now);
            count += goes[i] ? 1 : 0;
        }
        return [.. goes];
    }

    private ProftpdMessage Joined(string session, ProftpdMessage m, ProftpdMessage? next)
    {
        switch (m.Command)
        {
            // A client that gives up closes the data connection in order, and the server takes the part for the whole.
            case "STOR" or "STOU" or "APPE" or "RETR" when next is { Command: "ABOR", TransferStatus: "cancelled" }:
                return m with { WasAborted = true };
            case "STOR" or "STOU" or "APPE" or "RETR" when next is { IsExit: true } && m.Time > next.Time:
                return m with { WasCut = true };
            case "RNFR" when m.Code is 350 && ProftpdPaths.FileOf(m) is { } from:
                if (_renames.Count >= MostRenames)
                    _renames.Clear();
                _renames[session] = from;
                return m;
            case "RNTO":
                return _renames.Remove(session, out var old) && m.RenameFrom is null ? m with { RenameFrom = old } : m;
            case "EXIT":
                _renames.Remove(session);
                return m;
            default:
                return m;
        }
    }

    // By the server's clock, then by what the session had sent so far, then as it came.
    private readonly record struct Held(DateTimeOffset ReceivedAt, ProftpdMessage? Message, T Tag, (DateTimeOffset, double, long) Order);

    private sealed class SessionPart
    {
        public (DateTimeOffset, double, long) Last { get; set; }
        public List<Held> Goes { get; } = [];
        public Held? Next { get; set; }

        public void LetGo(List<(ProftpdMessage? Message, T Tag)> taken, Func<ProftpdMessage, ProftpdMessage?, ProftpdMessage> joined)
        {
            Goes.Sort((a, b) => a.Order.CompareTo(b.Order));
            for (var i = 0; i < Goes.Count; i++)
                taken.Add((joined(Goes[i].Message!, i + 1 < Goes.Count ? Goes[i + 1].Message : Next?.Message), Goes[i].Tag));
        }
    }
}
