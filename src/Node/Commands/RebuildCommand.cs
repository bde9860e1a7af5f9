using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>rebuild</c>: are the stored sessions what the stored events say?</summary>
internal static class RebuildCommand
{
    public static Command Make()
    {
        var apply = new Option<bool>("--apply") { Description = "Puts right what differs." };
        var command = new TaughtCommand("rebuild",
            """
            Makes all sessions anew from the stored events, and reports what is stored otherwise. Events that come meanwhile are kept and applied afterwards; no rule
            is run. Without --apply nothing is changed, and the exit code is 1 when something differs.

            Examples:
              ftpactors rebuild
              ftpactors rebuild --apply
            """) { apply };
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = options.Connect(parsed);
            using var output = new Output();
            var report = await node.SendAsync(HttpMethod.Post, parsed.GetValue(apply) ? "/api/v1/rebuild?apply=true" : "/api/v1/rebuild", cancel);
            if (options.IsJson(parsed))
                output.Line(report.GetRawText());
            else
                Write(output, report, parsed.GetValue(apply));
            output.Flush();
            return Differences(report) == 0 || parsed.GetValue(apply) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static long Differences(JsonElement r) => r.Whole("missing") + r.Whole("extra") + r.Whole("different");

    private static void Write(Output output, JsonElement r, bool apply)
    {
        output.Line($"{Units.Count(r.Whole("events"))} events make {Units.Count(r.Whole("sessions"))} sessions; "
            + $"stored: {Units.Count(r.Whole("missing"))} missing, {Units.Count(r.Whole("extra"))} extra, {Units.Count(r.Whole("different"))} different");
        var told = 0;
        foreach (var difference in r.Items("first"))
        {
            told++;
            var fields = string.Join(", ", difference.Items("fields").Select(f => $"{f.Text("field")} is {f.Text("stored")}, by the events {f.Text("events")}"));
            output.Line(Visible.Of($"  {difference.Text("id")} {difference.Text("kind")}{(fields.Length > 0 ? ": " + fields : "")}"));
        }
        var all = Differences(r);
        if (all > told)
            output.Line($"  ... and {Units.Count(all - told)} more");
        if (all > 0)
            output.Line(apply ? "All of it was put right." : "Nothing was changed. Put it right with: ftpactors rebuild --apply");
    }
}
