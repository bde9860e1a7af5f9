using FtpActors.Actors;
using System.Diagnostics;
using FtpActors.Node.Hosting;
using FtpActors.Node.Text;
using FtpActors.Protocol.Traffic;
using Spectre.Console;

namespace FtpActors.Node.Commands;

/// <summary>What was sent beside what was rebuilt.</summary>
internal static class DemoSummary
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the node has applied everything, then compares.</summary>
    /// <returns>True when all figures agree, or the demo was interrupted.</returns>
    public static async Task<bool> WriteAsync(FtpNode node, TrafficTotals sent, bool interrupted)
    {
        var clock = Stopwatch.StartNew();
        while (!await HasAppliedAsync(node, sent.Messages) && clock.Elapsed < Patience)
            await Task.Delay(20);

        var rebuilt = new TrafficTotals(node.Sources[0].Messages, node.Sources[0].Messages, 0, 0, 0, 0, 0);
        await foreach (var s in node.Engine.History.QuerySessionsAsync(new SessionQuery(), CancellationToken.None))
        {
            rebuilt = rebuilt with
            {
                Sessions = rebuilt.Sessions + 1, Uploads = rebuilt.Uploads + s.Uploads, Downloads = rebuilt.Downloads + s.Downloads,
                BytesUp = rebuilt.BytesUp + s.BytesUp, BytesDown = rebuilt.BytesDown + s.BytesDown,
            };
        }

        var table = new Table().RoundedBorder().AddColumns("", "Sent", "Rebuilt");
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        Add("Messages", sent.Messages, rebuilt.Messages);
        Add("Sessions", sent.Sessions, rebuilt.Sessions);
        Add("Uploads", sent.Uploads, rebuilt.Uploads);
        Add("Downloads", sent.Downloads, rebuilt.Downloads);
        Add("Bytes up", sent.BytesUp, rebuilt.BytesUp);
        Add("Bytes down", sent.BytesDown, rebuilt.BytesDown);
        AnsiConsole.Write(table);

        var same = sent == rebuilt;
        if (same)
            AnsiConsole.MarkupLine("[green]Every session was rebuilt exactly as it was sent.[/]");
        else if (interrupted)
            AnsiConsole.MarkupLine("Interrupted: sessions that were sent half are rebuilt half.");
        else
            AnsiConsole.MarkupLine("[red]The sessions differ from what was sent.[/]");
        return same || interrupted;

        void Add(string what, long a, long b) => table.AddRow(what, Units.Count(a), a == b ? Units.Count(b) : $"[red]{Units.Count(b)}[/]");
    }

    private static async Task<bool> HasAppliedAsync(FtpNode node, long messages) =>
        node.Sources[0].Messages >= messages && await node.Engine.IsCalmAsync();
}
