using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace FtpActors.Node.Telemetry;

/// <summary>
/// The way of one event as a trace. Its id is made of the event's own identity (spool, seq), and so is the choice of what is traced: every node of the way comes to the same, and
/// nothing is added to what nodes tell each other. A span begins when the event was received and ends when that part of the way was done.
/// </summary>
/// <param name="oneIn">One in so many events is traced.</param>
internal sealed class EventTrace(int oneIn) : IDisposable
{
    /// <summary>Name of the source of activities.</summary>
    public const string SourceName = "FtpActors";

    private readonly ActivitySource _source = new(SourceName);

    /// <summary>Whether anybody listens.</summary>
    public bool IsOn => _source.HasListeners();

    /// <summary>Whether an event is one of those that are traced.</summary>
    public bool IsTraced(long seq) => seq % oneIn == 0;

    /// <summary>Tells that a part of the way of an event is done.</summary>
    /// <param name="part">Name of the part.</param>
    /// <param name="spool">Spool of the event.</param>
    /// <param name="seq">Its seq.</param>
    /// <param name="begun">When the part began.</param>
    /// <param name="ended">When it was done.</param>
    /// <param name="tags">More about it, of known cardinality.</param>
    public void Done(string part, string spool, long seq, DateTimeOffset begun, DateTimeOffset ended, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        using var activity = _source.StartActivity(part, ActivityKind.Internal, ContextOf(spool, seq), tags.ToArray(), links: null, begun);
        activity?.SetTag("ftpactors.spool", spool).SetTag("ftpactors.seq", seq).SetEndTime(ended.UtcDateTime);
    }

    /// <summary>The trace of an event, and the span that all its parts belong to.</summary>
    public static ActivityContext ContextOf(string spool, long seq)
    {
        Span<byte> identity = stackalloc byte[Encoding.UTF8.GetMaxByteCount(spool.Length) + sizeof(long)];
        var length = Encoding.UTF8.GetBytes(spool, identity);
        BinaryPrimitives.WriteInt64BigEndian(identity[length..], seq);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(identity[..(length + sizeof(long))], hash);
        return new ActivityContext(ActivityTraceId.CreateFromBytes(hash[..16]), ActivitySpanId.CreateFromBytes(hash[16..24]), ActivityTraceFlags.Recorded, isRemote: true);
    }

    public void Dispose() => _source.Dispose();
}
