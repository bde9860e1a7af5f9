using System.Buffers;
using Akka.Actor;
using Akka.Serialization;
using FtpActors.Journal;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;

namespace FtpActors.Ingest.Spooling;

/// <summary>
/// The bytes of a spool's journal and snapshots. What cannot be read becomes a <see cref="DamagedSpoolRow"/>: no row stops a spool, and no name of a type is ever taken
/// from a row.
/// </summary>
public sealed class SpoolSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const byte Version = 1;
    private const string Row = "sb";
    private const string Snapshot = "ss";

    /// <summary>Binds it, and nothing else, to the facts of a spool.</summary>
    public const string Config =
        """
        akka.actor {
          serializers { ftpactors-spool = "FtpActors.Ingest.Spooling.SpoolSerializer, FtpActors.Ingest" }
          serialization-bindings {
            "FtpActors.Ingest.Spooling.BatchSpooled, FtpActors.Ingest" = ftpactors-spool
            "FtpActors.Ingest.Spooling.SpoolSnapshot, FtpActors.Ingest" = ftpactors-spool
          }
        }

        """;

    /// <summary>Stored with every row: it never changes.</summary>
    public override int Identifier => 1702;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        BatchSpooled => Row,
        SpoolSnapshot => Snapshot,
        _ => throw new ArgumentException($"{o.GetType()} is no fact of a spool.", nameof(o)),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        output.GetSpan(SealedBytes.HeaderLength);
        output.Advance(SealedBytes.HeaderLength);
        switch (obj)
        {
            case BatchSpooled row:
                Write(output, row);
                break;
            case SpoolSnapshot snapshot:
                Write(output, snapshot);
                break;
            default:
                throw new ArgumentException($"{obj.GetType()} is no fact of a spool.", nameof(obj));
        }
        var bytes = output.WrittenSpan.ToArray();
        SealedBytes.Seal(bytes, Version);
        return bytes;
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!SealedBytes.TryOpen(bytes, Version, out _, out var content, out var damage))
            return new DamagedSpoolRow(damage, bytes);
        var from = new ByteReader(content);
        object? fact = manifest switch { Row => ReadRow(ref from), Snapshot => ReadSnapshot(ref from), _ => null };
        return fact is not null && from.IsGood && from.IsAtEnd ? fact : new DamagedSpoolRow("its checksum fits, but its content is none of a spool", bytes);
    }

    private static void Write(ArrayBufferWriter<byte> output, BatchSpooled row)
    {
        var to = new ByteWriter(output);
        to.Text(row.Spool);
        to.Count((ulong)row.FirstSeq);
        Write(output, to, row.Events);
        to.Count((ulong)row.Quarantined.Count);
        foreach (var (id, message) in row.Quarantined)
        {
            to.Count((ulong)id);
            to.Time(message.ReceivedAt);
            to.Text(message.Source);
            to.Byte(message.Sender is null ? (byte)0 : (byte)1);
            if (message.Sender is { } sender)
                to.Text(sender);
            to.Text(message.Reason);
            to.Bytes(message.Bytes);
        }
        Write(to, row.Bookmarks);
        to.Count((ulong)row.Released.Count);
        foreach (var id in row.Released)
            to.Count((ulong)id);
    }

    private static BatchSpooled ReadRow(ref ByteReader from)
    {
        var (spool, first) = (from.Text(), (long)from.Count());
        var events = ReadEvents(ref from);
        var quarantined = new QuarantineEntry[from.Length()];
        for (var i = 0; i < quarantined.Length && from.IsGood; i++)
        {
            quarantined[i] = new QuarantineEntry(
                (long)from.Count(),
                new QuarantinedMessage(from.Time(), from.Text(), from.Byte() != 0 ? from.Text() : null, from.Text(), from.Bytes().ToArray()));
        }
        var bookmarks = ReadBookmarks(ref from);
        var released = new long[from.Length()];
        for (var i = 0; i < released.Length; i++)
            released[i] = (long)from.Count();
        return new BatchSpooled(spool, first, events, quarantined, bookmarks, released);
    }

    private static void Write(ArrayBufferWriter<byte> output, SpoolSnapshot snapshot)
    {
        var to = new ByteWriter(output);
        to.Text(snapshot.Spool);
        to.Count((ulong)snapshot.LastSeq);
        to.Count((ulong)snapshot.ShippedRow);
        to.Count((ulong)snapshot.ShippedSeq);
        to.Count((ulong)snapshot.LastQuarantined);
        Write(to, snapshot.Bookmarks);
        to.Count((ulong)snapshot.Uploads.Count);
        foreach (var (source, events) in snapshot.Uploads)
        {
            to.Text(source);
            Write(output, to, events);
        }
    }

    private static SpoolSnapshot ReadSnapshot(ref ByteReader from)
    {
        var (spool, last, shippedRow, shippedSeq, quarantined) = (from.Text(), (long)from.Count(), (long)from.Count(), (long)from.Count(), (long)from.Count());
        var bookmarks = ReadBookmarks(ref from);
        var uploads = new (string, IReadOnlyList<FtpEvent>)[from.Length()];
        for (var i = 0; i < uploads.Length && from.IsGood; i++)
            uploads[i] = (from.Text(), ReadEvents(ref from));
        return new SpoolSnapshot(spool, last, shippedRow, shippedSeq, quarantined, bookmarks, uploads);
    }

    private static void Write(ArrayBufferWriter<byte> output, ByteWriter to, IReadOnlyList<FtpEvent> events)
    {
        to.Count((ulong)events.Count);
        foreach (var e in events)
            EventBytes.Write(output, e);
    }

    private static FtpEvent[] ReadEvents(ref ByteReader from)
    {
        var events = new FtpEvent[from.Length()];
        for (var i = 0; i < events.Length; i++)
        {
            if (EventBytes.Read(ref from) is not { } e)
                return [];
            events[i] = e;
        }
        return events;
    }

    private static void Write(ByteWriter to, IReadOnlyList<Bookmark> bookmarks)
    {
        to.Count((ulong)bookmarks.Count);
        foreach (var (source, state) in bookmarks)
        {
            to.Text(source);
            to.Bytes(state);
        }
    }

    private static Bookmark[] ReadBookmarks(ref ByteReader from)
    {
        var bookmarks = new Bookmark[from.Length()];
        for (var i = 0; i < bookmarks.Length && from.IsGood; i++)
            bookmarks[i] = new Bookmark(from.Text(), from.Bytes().ToArray());
        return bookmarks;
    }
}
