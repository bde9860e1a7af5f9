using System.Globalization;
using FtpActors.Ingest.Forwarding;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Ingest.Tests;

/// <summary>Appends and ships until it dies; says after every answer of the spool how far that has come.</summary>
internal static class ForwardingChild
{
    public static async Task<int> RunAsync(string folder, string connection)
    {
        await using var spool = await ForwarderPlace.OpenSpoolAsync(folder);
        await using var journal = await PostgresJournal.OpenAsync(new PostgresJournalOptions { Connection = connection, Shards = 4 });
        await using var forwarder = await Forwarder.StartAsync(
            spool, "ftp1", () => journal, new Horizon(), new ForwarderOptions { Keep = TimeSpan.FromDays(7), BatchEvents = 200 }, TimeProvider.System, NullLoggerFactory.Instance);
        var next = (int)(await spool.ReadExtentAsync()).Last;
        while (true)
        {
            await spool.AppendAsync(TestEvents.Batch(TestEvents.Range(next, 50)));
            next += 50;
            Console.Out.WriteLine(next.ToString(CultureInfo.InvariantCulture));
        }
    }
}
