using Akka.Actor;
using Akka.Serialization;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Logins;
using FtpActors.Actors.Replay;

namespace FtpActors.Actors.Stored;

/// <summary>
/// The bytes of the handlers' journal and snapshots (login slots and replays are kept there too): one manifest for each kind, the version of its schema in the sealed bytes. What cannot be read becomes a
/// <see cref="DamagedRow"/>: no row stops a handler, and no name of a type is ever taken from a row.
/// </summary>
public sealed class HandlerSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Taken = "et";
    private const string Planned = "dp";
    private const string Tried = "dt";
    private const string Ordered = "do";
    private const string Snapshot = "hs";
    private const string Slots = "ls";
    private const string Replay = "rp";

    /// <summary>Binds it, and nothing else, to what this program keeps in that journal.</summary>
    public const string Config =
        """
        akka.actor {
          serializers { ftpactors-handler = "FtpActors.Actors.Stored.HandlerSerializer, FtpActors.Actors" }
          serialization-bindings {
            "FtpActors.Actors.Handlers.HandlerFact, FtpActors.Actors" = ftpactors-handler
            "FtpActors.Actors.Handlers.HandlerSnapshot, FtpActors.Actors" = ftpactors-handler
            "FtpActors.Actors.Logins.SlotsChanged, FtpActors.Actors" = ftpactors-handler
            "FtpActors.Actors.Replay.ReplayRecord, FtpActors.Actors" = ftpactors-handler
          }
        }

        """;

    /// <summary>Stored with every row: it never changes.</summary>
    public const int Id = 1701;

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) => o switch
    {
        EventsTaken => Taken,
        DeliveriesPlanned => Planned,
        DeliveryTried => Tried,
        DeliveriesOrdered => Ordered,
        HandlerSnapshot => Snapshot,
        SlotsChanged => Slots,
        ReplayRecord => Replay,
        _ => throw new ArgumentException($"{o.GetType()} is nothing that this journal holds.", nameof(o)),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => obj switch
    {
        EventsTaken taken => SealedRow.Write(taken, FactBytes.Write),
        DeliveriesPlanned planned => SealedRow.Write(planned, FactBytes.Write),
        DeliveryTried tried => SealedRow.Write(tried, FactBytes.Write),
        DeliveriesOrdered ordered => SealedRow.Write(ordered, FactBytes.Write),
        HandlerSnapshot snapshot => SealedRow.Write(snapshot, SnapshotBytes.Write),
        SlotsChanged slots => SealedRow.Write(slots, SlotBytes.Write),
        ReplayRecord replay => SealedRow.Write(replay, ReplayBytes.Write),
        _ => throw new ArgumentException($"{obj.GetType()} is nothing that this journal holds.", nameof(obj)),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest);

    /// <summary>What is wrong with a row or snapshot; null when it is whole.</summary>
    public static string? DamageOf(byte[] bytes, string manifest) => (Read(bytes, manifest) as DamagedRow)?.Reason;

    private static object Read(byte[] bytes, string manifest) => manifest switch
    {
        Taken => SealedRow.Read(bytes, manifest, FactBytes.ReadTaken),
        Planned => SealedRow.Read(bytes, manifest, FactBytes.ReadPlanned),
        Tried => SealedRow.Read(bytes, manifest, FactBytes.ReadTried),
        Ordered => SealedRow.Read(bytes, manifest, FactBytes.ReadOrdered),
        Snapshot => SealedRow.Read(bytes, manifest, SnapshotBytes.Read),
        Slots => SealedRow.Read(bytes, manifest, SlotBytes.Read),
        Replay => SealedRow.Read(bytes, manifest, ReplayBytes.Read),
        _ => new DamagedRow(manifest, "its kind is not known to this version of the program", bytes),
    };
}
