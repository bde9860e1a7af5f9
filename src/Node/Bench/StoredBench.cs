using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FtpActors.Actors;
using FtpActors.Node.Commands;
using Microsoft.Data.Sqlite;

namespace FtpActors.Node.Bench;

/// <summary><c>bench stored</c>: what is stored, read again: by a list of events, by a replay, and by a handler that begins anew.</summary>
internal static class StoredBench
{
    public static Command Make()
    {
        var events = new Option<int>("--events") { Description = "Stored events.", DefaultValueFactory = _ => 1_000_000, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each; medians are printed.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var folder = new Option<string>("--folder") { Description = "Where the journal is made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("stored",
            """
            Measures how fast stored events are read again: by a list of events that looks at all and finds none, by a replay through ten rules of which none fits,
            and by the one handler of a node that begins anew, with its last snapshot and without any.

            Example:
              ftpactors bench stored --folder /var/lib/ftpactors
            """) { events, rounds, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            BenchNumbers.Require(parsed, 100_000_000, events, rounds);
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            await RunAsync(place.New(), parsed.GetValue(events), parsed.GetValue(rounds), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(string folder, int count, int rounds, CancellationToken cancel)
    {
        var report = new BenchReport(Console.Out);
        List<double> lists = [], replays = [], recoveries = [], whole = [];
        BenchReport.Progress($"storing {count:N0} events");
        await using (var engine = await StartAsync(folder, cancel))
        {
            await StoredTraffic.FillAsync(engine, count, cancel);
            for (var round = 1; round <= rounds; round++)
            {
                BenchReport.Progress($"lists and replays, round {round} of {rounds}");
                lists.Add(await ListAsync(engine, count, cancel));
                replays.Add(await ReplaySpeed.RunAsync(engine, count, cancel));
            }
        }
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"recoveries, round {round} of {rounds}");
            recoveries.Add(await RecoverAsync(folder, cancel));
        }
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"recoveries without a snapshot, round {round} of {rounds}");
            await ForgetSnapshotsAsync(Path.Combine(folder, "journal.db"), cancel);
            whole.Add(await RecoverAsync(folder, cancel));
        }
        report.Rate(string.Create(CultureInfo.InvariantCulture, $"a list of events looks at {count:N0}, none fits"), lists, null);
        report.Rate(string.Create(CultureInfo.InvariantCulture, $"replay of {count:N0} events, 10 rules, none fits"), replays, null);
        report.Time(string.Create(CultureInfo.InvariantCulture, $"a handler of {count:N0} events begins anew, from its last snapshot"), recoveries);
        report.Time("the same without a snapshot", whole);
        report.Rate("that is", [.. whole.Select(ms => count / ms * 1000)], null);
    }

    private static Task<BenchEngine> StartAsync(string folder, CancellationToken cancel) => BenchEngine.StartAsync(folder, ReplaySpeed.Rules, new NoActions(), 1, cancel, handlers: 1);

    private static async Task<double> ListAsync(BenchEngine engine, int count, CancellationToken cancel)
    {
        var reader = engine.Engine.Events;
        var started = Stopwatch.GetTimestamp();
        var found = await reader.QueryAsync(new EventQuery { Since = DateTimeOffset.UnixEpoch, User = "nobody" }, cancel).CountAsync(cancel);
        if (found != 0 || reader.Read != count)
            throw new InvalidOperationException($"The list did not do what is measured: {found} found of {reader.Read}.");
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> RecoverAsync(string folder, CancellationToken cancel)
    {
        await using var engine = await StartAsync(folder, cancel);
        return engine.Recovery.TotalMilliseconds;
    }

    private static async Task ForgetSnapshotsAsync(string journal, CancellationToken cancel)
    {
        await using var connection = new SqliteConnection($"Data Source={journal};Pooling=False");
        await connection.OpenAsync(cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM snapshot";
        await command.ExecuteNonQueryAsync(cancel);
    }
}
