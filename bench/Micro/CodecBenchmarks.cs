using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using FtpActors.Protocol;
using FtpActors.Protocol.NcFtpd;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Micro;

/// <summary>
/// The pure steps of a message's way, per message, over a realistic mix. The baseline only looks at every byte once: no decoder can be faster.
/// </summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private const int Count = 4096;
    private static readonly DateTimeOffset ReceivedAt = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte> _output = new(1 << 20);
    private readonly TrafficOptions _traffic = new() { DuplicateShare = 0.05, ReorderMs = 100 };
    private byte[][] _messages = [];
    private NcFtpdMessage[] _decoded = [];
    private FtpEvent[] _events = [];
    private Utf8JsonWriter _json = null!;

    /// <summary>Makes the messages once.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _messages = [.. TrafficPlan.Make(new TrafficOptions()).Messages.Take(Count).Select(m => m.Bytes)];
        _decoded = [.. _messages.Select(Decoded)];
        _events = [.. _decoded.Select(m => NcFtpdEvents.ToEvent(m, ReceivedAt, "ftp1", "ncftpd"))];
        _json = EventJson.NewWriter(_output);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public int TouchEveryByte()
    {
        var lineFeeds = 0;
        foreach (var message in _messages)
            lineFeeds += message.AsSpan().Count((byte)'\n');
        return lineFeeds;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Decode()
    {
        var decoded = 0;
        foreach (var message in _messages)
        {
            if (NcFtpdDecoder.TryDecode(message, out _, out _))
                decoded++;
        }
        return decoded;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int DecodeToEvent()
    {
        var known = 0;
        foreach (var message in _messages)
        {
            if (NcFtpdEvents.ToEvent(Decoded(message), ReceivedAt, "ftp1", "ncftpd").Kind != EventKind.Other)
                known++;
        }
        return known;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public long WritePayload()
    {
        var length = 0L;
        foreach (var e in _events)
        {
            _output.ResetWrittenCount();
            _json.Reset(_output);
            EventJson.WritePayload(_json, e);
            _json.Flush();
            length += _output.WrittenCount;
        }
        return length;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Fingerprints()
    {
        var length = 0;
        foreach (var message in _messages)
            length += Fingerprint.Of("127.0.0.1:40000"u8, message).Length;
        return length;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Encode()
    {
        var length = 0;
        foreach (var message in _decoded)
            length += NcFtpdEncoder.Encode(message).Length;
        return length;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int MakeTraffic() =>
        TrafficPlan.Make(_traffic).Messages.Take(Count).Sum(m => m.Bytes.Length);

    private static NcFtpdMessage Decoded(byte[] bytes) =>
        NcFtpdDecoder.TryDecode(bytes, out var message, out var reason) ? message : throw new InvalidOperationException(reason);
}
