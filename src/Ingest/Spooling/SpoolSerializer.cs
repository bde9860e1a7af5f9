using System.Buffers;
using Akka.Actor;
using Akka.Serialization;
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
    public const int Id = 1702;

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        BatchSpooled => Row,
        SpoolSnapshot => Snapshot,
        _ => throw new ArgumentException($"{o.GetType()} is no fact of a spool.", nameof(o)),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj switch
    {
        BatchSpooled row => SealedBytes.Of(row, Write, Version),
        SpoolSnapshot snapshot => SealedBytes.Of(snapshot, Write, Version),
        _ => throw new ArgumentException($"{obj.GetType()} is no fact of a spool.", nameof(obj)),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    /// <summary>What is wrong with a row or snapshot; null when it is whole.</summary>
    public static string? DamageOf(byte[] bytes, string manifest) => (Read(bytes, manifest) as DamagedSpoolRow)?.Reason;

    private static object Read(byte[] bytes, string manifest)
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
        to.List(row.Events, (_, e) => EventBytes.Write(output, e));
        to.List(row.Quarantined, static (w, entry) =>
        {
            w.Count((ulong)entry.Id);
            w.Time(entry.Message.ReceivedAt);
            w.Text(entry.Message.Source);
            w.TextOrNull(entry.Message.Sender);
            w.Text(entry.Message.Reason);
            w.Bytes(entry.Message.Bytes);
        });
        to.List(row.Bookmarks, Write);
        to.List(row.Released, static (w, id) => w.Count((ulong)id));
        to.List(row.Parts, Write);
    }

    private static BatchSpooled ReadRow(ref ByteReader from) => new(
        from.Text(), (long)from.Count(), from.List(ReadEvent), from.List(ReadQuarantined), from.List(ReadBookmark),
        from.List(static (ref ByteReader r) => (long)r.Count()), from.List(ReadPart));

    private static void Write(ArrayBufferWriter<byte> output, SpoolSnapshot snapshot)
    {
        var to = new ByteWriter(output);
        to.Text(snapshot.Spool);
        to.Count((ulong)snapshot.LastSeq);
        to.Count((ulong)snapshot.ShippedRow);
        to.Count((ulong)snapshot.ShippedSeq);
        to.Count((ulong)snapshot.LastQuarantined);
        to.List(snapshot.Bookmarks, Write);
        to.List(snapshot.Parts, Write);
        to.List(snapshot.Uploads, (w, uploads) =>
        {
            w.Text(uploads.Source);
            w.List(uploads.Events, (_, e) => EventBytes.Write(output, e));
        });
    }

    private static SpoolSnapshot ReadSnapshot(ref ByteReader from) => new(
        from.Text(), (long)from.Count(), (long)from.Count(), (long)from.Count(), (long)from.Count(), from.List(ReadBookmark),
        from.List(ReadPart), from.List(static (ref ByteReader r) => (r.Text(), r.List(ReadEvent))));

    // The reader is not good any more when there is no event, and nothing of the row is used then.
    private static FtpEvent ReadEvent(ref ByteReader from) => EventBytes.Read(ref from)!;

    private static QuarantineEntry ReadQuarantined(ref ByteReader from) => new(
        (long)from.Count(), new QuarantinedMessage(from.Time(), from.Text(), from.TextOrNull(), from.Text(), from.Bytes().ToArray()));

    private static void Write(ByteWriter to, SpooledPart part)
    {
        to.Int64(part.Id);
        to.Count((ulong)part.FirstSeq);
    }

    private static SpooledPart ReadPart(ref ByteReader from) => new(from.Int64(), (long)from.Count());

    private static void Write(ByteWriter to, Bookmark bookmark)
    {
        to.Text(bookmark.Source);
        to.Bytes(bookmark.State);
    }

    private static Bookmark ReadBookmark(ref ByteReader from) => new(from.Text(), from.Bytes().ToArray());
}
