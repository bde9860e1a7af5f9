using System.Globalization;
using System.Text.Json;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>Rules as JSON: what they wait for and what they do, not their secrets.</summary>
internal static class RuleJson
{
    /// <summary>One rule, without the braces around it.</summary>
    public static void WriteBody(Utf8JsonWriter json, Rule rule)
    {
        json.WriteString("rule", rule.Name);
        WriteTexts(json, "on", rule.On.Select(TriggerNames.Of));
        WriteTexts(json, "conditions", Conditions(rule));
        json.WriteString("where", rule.Where == RulePlace.OnHost ? "on-host" : "handler");
        json.WriteString("order", rule.Order == RuleOrder.Session ? "session" : "none");
        json.WriteNumber("parallel", rule.Parallel);
        WriteTexts(json, "actions", rule.Actions.Select(Action));
        json.WriteNumber("attempts", rule.Retry.Attempts);
        json.WriteString("first", Durations.Format(rule.Retry.First));
        json.WriteString("max", Durations.Format(rule.Retry.Max));
        WriteTexts(json, "on_failure", rule.OnFailure.Select(Action));
    }

    private static IEnumerable<string> Conditions(Rule rule)
    {
        if (rule.Status.Count > 0)
            yield return "status=" + string.Join(',', rule.Status.Select(Protocol.Names.Of));
        foreach (var (name, globs) in new[]
            { ("path", rule.Path), ("user", rule.User), ("not_user", rule.NotUser), ("service", rule.Service), ("host", rule.Host) })
        {
            if (globs.Count > 0)
                yield return $"{name}={string.Join(',', globs.Select(g => g.Pattern))}";
        }
        if (rule.MinBytes is { } min)
            yield return string.Create(CultureInfo.InvariantCulture, $"min_bytes={min}");
        if (rule.MaxBytes is { } max)
            yield return string.Create(CultureInfo.InvariantCulture, $"max_bytes={max}");
        if (rule.Valid is { } valid)
            yield return "valid=" + string.Join(',', valid.Expected.Select(e => $"{e.Word}:{e.Beside.Text}").Concat(valid.Program is { } program ? [$"exec:{program.Program}"] : []));
    }

    private static string Action(ActionSpec action) => action switch
    {
        ExecAction exec => $"exec {exec.Program}",
        MailAction mail => $"mail {string.Join(", ", mail.To.Select(t => t.Text))}",
        WebhookAction webhook => $"webhook {webhook.Url.GetLeftPart(UriPartial.Path)}",
        FileAction file => $"file {file.Path}",
        KafkaAction kafka => $"kafka {kafka.Topic}",
        _ => action.Kind,
    };

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
