using System.Text.Json;
using FtpActors.Node.Text;
using Spectre.Console;

namespace FtpActors.Node.Commands;

/// <summary>How far a replay is: a bar on a terminal, else a line every few seconds; what it did at its end.</summary>
internal sealed class ReplayScreen(NodeClient node, string id, bool json)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    public async Task<int> FollowAsync(CancellationToken cancel)
    {
        JsonElement last = default;
        try
        {
            if (json)
                last = await WriteJsonAsync(cancel);
            else if (AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected)
                last = await DrawAsync(cancel);
            else
                last = await WriteLinesAsync(cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine(
                $"Replay {Visible.Of(id)} goes on in the node.\n  watch it again: ftpactors replay --resume {Visible.Of(id)}\n  stop it:        ftpactors replay --stop {Visible.Of(id)}");
            return ExitCodes.Failed;
        }
        if (!json)
            Tell(last);
        return last.Text("state") == "done" ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private async IAsyncEnumerable<JsonElement> ProgressAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var line in node.FollowAsync($"/api/v1/replays/{Uri.EscapeDataString(id)}/stream", [], cancel))
        {
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    private async Task<JsonElement> WriteJsonAsync(CancellationToken cancel)
    {
        using var output = new Output();
        JsonElement last = default;
        await foreach (var p in ProgressAsync(cancel))
        {
            last = p;
            output.Line(p.GetRawText());
            output.Flush();
        }
        return last;
    }

    private async Task<JsonElement> WriteLinesAsync(CancellationToken cancel)
    {
        JsonElement last = default;
        var next = TimeSpan.Zero;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await foreach (var p in ProgressAsync(cancel))
        {
            last = p;
            if (clock.Elapsed < next)
                continue;
            next = clock.Elapsed + BetweenLines;
            Console.Error.WriteLine($"replay {Visible.Of(id)}: {Line(p)}");
        }
        return last;
    }

    private async Task<JsonElement> DrawAsync(CancellationToken cancel)
    {
        JsonElement last = default;
        var columns = new ProgressColumn[] { new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn() };
        await AnsiConsole.Progress().AutoClear(true).Columns(columns).StartAsync(async bars =>
        {
            var bar = bars.AddTask("replay", maxValue: 1);
            await foreach (var p in ProgressAsync(cancel))
            {
                last = p;
                bar.Value = p.Number("read") / Math.Max(1, p.Number("total"));
                bar.Description = Markup.Escape(Line(p));
            }
        });
        return last;
    }

    private static string Line(JsonElement p)
    {
        var left = p.Has("remaining_seconds") ? $", {Units.Span(TimeSpan.FromSeconds(Math.Min(p.Number("remaining_seconds"), 1e9)))} left" : "";
        return $"{Units.Count(p.Whole("read"))} of {Units.Count(p.Whole("total"))} events, {Units.Count((long)p.Number("rate"))}/s{left}, "
            + $"{Units.Count(p.Whole("matched"))} matched, {Units.Count(p.Whole("made"))} made";
    }

    private void Tell(JsonElement p)
    {
        using var output = new Output();
        var dry = p.TryGetProperty("dry_run", out var d) && d.ValueKind == JsonValueKind.True;
        output.Line(Visible.Of($"Replay {id} is {p.Text("state")}: {Units.Count(p.Whole("read"))} events read, {Units.Count(p.Whole("matched"))} matched, "
            + (dry ? "nothing made (dry run)" : $"{Units.Count(p.Whole("made"))} deliveries made")));
        if (p.TryGetProperty("rules", out var rules))
        {
            foreach (var rule in rules.EnumerateObject())
                output.Line(Visible.Of($"  {rule.Name}: {Units.Count(rule.Value.GetInt64())}"));
        }
        foreach (var missing in p.Items("missing_rules"))
            output.Line(Visible.Of($"! the rule {missing.GetString()} is no more and took no part"));
        if (p.Has("problem"))
            output.Line(Visible.Of($"! it stands still: {p.Text("problem")}. Go on with: ftpactors replay --resume {id}"));
        output.Flush();
    }
}
