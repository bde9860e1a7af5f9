using FtpActors.Actors;
using System.Diagnostics;
using System.Globalization;
using FtpActors.Node.Hosting;
using FtpActors.Node.Text;
using Spectre.Console;

namespace FtpActors.Node.Commands;

/// <summary>Who is logged in at the demo's node: a live table on a terminal, else a line each second.</summary>
internal sealed class DemoScreen(FtpNode node, TrafficSender sender)
{
    private const int MostRows = 15;

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public async Task ShowUntilAsync(Task done)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            while (await Task.WhenAny(done, Task.Delay(1000)) != done)
                Console.Out.WriteLine(Line(await OpenAsync()));
            return;
        }
        await AnsiConsole.Live(new Table()).AutoClear(true).StartAsync(async live =>
        {
            while (await Task.WhenAny(done, Task.Delay(250)) != done)
                live.UpdateTarget(Draw(await OpenAsync()));
        });
    }

    private async Task<List<SessionRecord>> OpenAsync()
    {
        var open = new List<SessionRecord>();
        await foreach (var session in node.Engine.History.QuerySessionsAsync(new SessionQuery { Open = true }, CancellationToken.None))
            open.Add(session);
        return open;
    }

    private string Line(List<SessionRecord> open) => string.Create(CultureInfo.InvariantCulture,
        $"{_clock.Elapsed.TotalSeconds,4:0} s: {sender.Sent} messages sent, {node.Sources[0].Messages} stored, {open.Count} sessions open");

    private Table Draw(List<SessionRecord> open)
    {
        var table = new Table().RoundedBorder().Title(Markup.Escape(Line(open)));
        foreach (var header in new[] { "User", "From", "Since", "Up", "Down", "Rate", "Last file" })
            table.AddColumn(new TableColumn(header) { NoWrap = true });
        var now = node.Time.GetUtcNow();
        foreach (var s in open.OrderByDescending(s => s.LastAt).Take(MostRows))
        {
            table.AddRow(
                Cell(s.User), Cell(s.RemoteHost), Cell(Units.Span(now - s.OpenedAt)), Cell(Units.Bytes(s.BytesUp)), Cell(Units.Bytes(s.BytesDown)),
                Cell(Units.Rate(s.Rate)), Cell(s.Path ?? ""));
        }
        if (open.Count > MostRows)
            table.Caption($"and {open.Count - MostRows} more");
        return table;
    }

    private static string Cell(string text)
    {
        var shown = Visible.Of(text);
        return Markup.Escape(shown.Length <= 40 ? shown : "..." + shown[^37..]);
    }
}
