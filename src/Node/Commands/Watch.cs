using System.Text.Json;
using FtpActors.Node.Text;
using Spectre.Console;

namespace FtpActors.Node.Commands;

/// <summary>An answer of a node again and again, until interrupted: drawn anew in place on a terminal, else one block after the other.</summary>
internal static class Watch
{
    // Lines of the screen that are no rows: title, empty line, headings, "and N more", and the line of the cursor.
    private const int OtherLines = 5;

    /// <summary>Whether standard output is a terminal that can be drawn on.</summary>
    public static bool HasScreen => AnsiConsole.Profile.Capabilities.Ansi && !Console.IsOutputRedirected;

    /// <summary>Writes a block each time, with an empty line behind.</summary>
    public static async Task<int> RepeatAsync(Func<CancellationToken, Task<int>> writeAsync, TimeSpan interval, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            do
            {
                await writeAsync(cancel);
                using var output = new Output();
                output.Line("");
                output.Flush();
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Ctrl-C is how watching ends.
        }
        return ExitCodes.Ok;
    }

    /// <summary>Draws a table in place. Rows that do not fit on the screen are only counted, transfers stand first, and lines are cut.</summary>
    public static async Task<int> DrawAsync(NodeClient client, NodeQuestion question, TimeSpan interval, CancellationToken cancel)
    {
        using var node = client;
        using var timer = new PeriodicTimer(interval);
        try
        {
            // The first answer comes before the first drawing: a node that is not there is said on a clean screen.
            var first = Draw(await AnswerAsync(node, question, cancel), question);
            await AnsiConsole.Live(first).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
            {
                live.Refresh();
                while (await timer.WaitForNextTickAsync(cancel))
                    live.UpdateTarget(Draw(await AnswerAsync(node, question, cancel), question));
            });
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Ctrl-C is how watching ends.
        }
        return ExitCodes.Ok;
    }

    // As much memory as the answer has lines, one answer at a time.
    private static async Task<List<JsonElement>> AnswerAsync(NodeClient node, NodeQuestion question, CancellationToken cancel)
    {
        var rows = new List<JsonElement>();
        await foreach (var row in node.ItemsAsync(question.Path, question.Parameters, cancel))
            rows.Add(row);
        return rows;
    }

    private static Spectre.Console.Text Draw(List<JsonElement> rows, NodeQuestion question)
    {
        // A row is a session, or counts some.
        var title = rows.Count == 0 ? question.None : $"{Units.Count(rows.Sum(r => r.Has("sessions") ? r.Whole("sessions") : 1))} sessions";
        var lines = new List<string> { $"{Units.Time(DateTimeOffset.UtcNow)}  {title}", "" };
        var room = Math.Max(1, AnsiConsole.Profile.Height - OtherLines);
        var table = new TextTable<JsonElement>(lines.Add, question.Columns, room);
        // Transfers first, else as they came: nothing jumps about without a reason.
        foreach (var row in rows.OrderBy(r => r.Text("state") is "downloading" or "uploading" ? 0 : 1).Take(room))
            table.Add(row);
        table.Finish();
        if (rows.Count > room)
            lines.Add($"and {Units.Count(rows.Count - room)} more");
        return new Spectre.Console.Text(string.Join('\n', lines.Select(line => Visible.Cut(line, AnsiConsole.Profile.Width - 1))));
    }
}
