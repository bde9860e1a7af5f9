using Akka.Actor;
using Akka.Event;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FtpActors.Ingest.Spooling;

/// <summary>Keeps what was put aside in the quarantine, one after the other: no more than there are damaged rows.</summary>
internal sealed class QuarantineActor : ReceiveActor
{
    /// <summary>Made by <see cref="Props"/>.</summary>
    public QuarantineActor(QuarantineFile file, TimeProvider time)
    {
        var log = Context.GetLogger();
        ReceiveAsync<PutAside>(async aside =>
        {
            try
            {
                await file.KeepAsync(aside, time.GetUtcNow());
            }
            // It is still where it was found, and is found again after the next start.
            catch (SqliteException e)
            {
                log.Warning("{0} is damaged, and its bytes are not in the quarantine: {1}", aside.Place, e.Message);
            }
        });
    }

    /// <summary>Of a node.</summary>
    public static Props Props(QuarantineFile file, TimeProvider time) => Akka.Actor.Props.Create<QuarantineActor>(file, time);
}
