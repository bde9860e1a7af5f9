using System.Text.Json;

namespace FtpActors.Actors.Rules;

public static partial class RuleFile
{
    private static readonly string[] ProgramKeys = ["env", "cwd", "user", "group"];
    private static readonly TimeSpan FilesWait = TimeSpan.FromMinutes(5);

    private static ValidAction? ReadValid(Fields rule, Reading reading)
    {
        var at = rule.Key("valid");
        if (rule.Value("valid") is not { } value || Fields.Of(value, at, reading.Report, [.. Expectation.Words, "exec", "wait", "timeout", .. ProgramKeys]) is not { } f)
            return null;
        var expected = new List<Expectation>();
        foreach (var (word, kind) in Expectation.Words.Select((word, i) => (word, (ExpectationKind)i)))
        {
            if (f.Text(word) is not { } name)
                continue;
            try
            {
                expected.Add(new Expectation(kind, BesideName.Parse(name)));
            }
            catch (FormatException e)
            {
                f.Trouble(word, $"\"{name}\" is not allowed: {e.Message}");
            }
        }
        var program = f.Has("exec") ? ReadExec(OfProgram(value), at, reading) : null;
        if (!f.Has("exec"))
        {
            if (!Expectation.Words.Any(f.Has))
                rule.Trouble("valid", $"what is expected? at least one of {string.Join(", ", Expectation.Words)} with the name of a file beside the upload such as \"{{name}}.sha256\", or exec");
            foreach (var key in ProgramKeys.Where(f.Has))
                f.Trouble(key, "is for the program of exec, which is not given");
        }
        // A done-file comes when the upload is over; a program looks at what is there.
        var wait = f.Duration("wait", TimeSpan.Zero, Day, expected.Count > 0 ? FilesWait : TimeSpan.Zero);
        return new ValidAction(expected, program, wait, program?.Timeout ?? f.Duration("timeout", Second, Day, TimeSpan.FromMinutes(10)));
    }

    private static JsonElement OfProgram(JsonElement valid) => JsonSerializer.SerializeToElement(
        valid.EnumerateObject().Where(p => p.Name is "exec" or "timeout" || ProgramKeys.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value));

    private static void CheckValid(Fields f, Rule rule)
    {
        if (!f.Has("valid"))
            return;
        if (rule.On.Any(kind => kind != TriggerKind.Upload))
            f.Trouble("valid", $"cannot be asked of {TriggerNames.Of(rule.On.First(kind => kind != TriggerKind.Upload))}, only of upload; write a rule of its own for that");
    }
}
