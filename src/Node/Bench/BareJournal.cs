using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Stored;
using FtpActors.Protocol;

namespace FtpActors.Node.Bench;

/// <summary>The limit of the journal by itself: the same batches persisted by a bare persistent actor, which does nothing else.</summary>
internal static class BareJournal
{
    private const int BatchEvents = 256;

    /// <summary>Events per second.</summary>
    /// <param name="plugin">Settings of the journal, whose tables are there.</param>
    /// <param name="events">The events.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<double> RunAsync(string plugin, IReadOnlyList<FtpEvent> events, CancellationToken cancel)
    {
        var config = ConfigurationFactory.ParseString(plugin + HandlerSerializer.Config + "akka.loglevel = ERROR\nakka.stdout-loglevel = OFF")
            .WithFallback(SqlPersistence.DefaultConfiguration);
        using var system = ActorSystem.Create("bare", config);
        var batches = events.Select((e, i) => new StoredEvent("bench", i + 1, e)).Chunk(BatchEvents)
            .Select(batch => new EventsTaken(0, [new SpoolPart("bench", "bench", null, batch)])).ToList();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = system.ActorOf(Props.Create<BareActor>(batches.Count, done), "bare");
        await actor.Ask<string>("ready", TimeSpan.FromSeconds(20), cancel);

        var started = Stopwatch.GetTimestamp();
        foreach (var batch in batches)
            actor.Tell(batch);
        await done.Task.WaitAsync(cancel);
        var rate = events.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await system.Terminate();
        return rate;
    }

    private sealed class BareActor : ReceivePersistentActor
    {
        private int _left;

        public BareActor(int batches, TaskCompletionSource done)
        {
            JournalPluginId = HandlerContext.JournalPlugin;
            SnapshotPluginId = HandlerContext.SnapshotPlugin;
            _left = batches;
            Command<string>(word => Sender.Tell(word));
            Command<EventsTaken>(taken => PersistAsync(taken, _ =>
            {
                if (--_left == 0)
                    done.SetResult();
            }));
        }

        public override string PersistenceId => "bare";
    }
}
