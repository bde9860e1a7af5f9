using System.Text.RegularExpressions;

namespace FtpActors.Protocol.Proftpd;

/// <summary>Something in a proftpd.conf that loses, cuts or disorders what this program is told, or hurts the server.</summary>
/// <param name="Line">Number of the line, 0 when something is missing.</param>
/// <param name="What">What is wrong and what it does.</param>
/// <param name="Remedy">The line to write.</param>
public sealed record ProftpdConfigFault(int Line, string What, string Remedy);

/// <summary>Looks for the known faults of mod_kafka and of logs in a proftpd.conf. Pure; includes are not followed.</summary>
public static partial class ProftpdConfigCheck
{
    private static readonly (string Variable, string For)[] Needed =
    [
        ("%{UNIQUE_ID}e", "the session"), ("%{epoch}", "the time"), ("%{microsecs}", "the order within a second"), ("%m", "the command"), ("%J", "names as they were given"),
        ("%s", "whether it worked"), ("%S", "why it did not"), ("%f", "the file"), ("%u", "the user"), ("%U", "who was refused"), ("%a", "the client"), ("%L", "the server"),
        ("%b", "the bytes"), ("%{transfer-status}", "how a transfer went"), ("%w", "the old name of a rename"),
    ];

    private static readonly (string Pattern, string Why)[] Harmful =
    [
        ("%r", "its quotes and blanks are mangled"), ("%{note:", "its key is the value, so that every session has another key"), ("}t", "its key is the format itself"),
        ("%{transfer-failure}", "it is cut at the first dot"),
    ];

    /// <summary>All faults, in the order of the lines, what is missing last.</summary>
    public static IReadOnlyList<ProftpdConfigFault> Check(string text)
    {
        var lines = Read(text).ToList();
        var faults = new List<ProftpdConfigFault>();
        var usesKafka = lines.Exists(l => l.Is("KafkaLogOnEvent") || (l.Is("KafkaEngine") && l.IsOn));
        if (usesKafka)
            CheckKafka(lines, faults);
        foreach (var log in lines.Where(l => l.Is("ExtendedLog") && l.Words.Count > 3))
            CheckLog(log, lines, faults);
        if (!usesKafka && !lines.Exists(l => l.Is("ExtendedLog") || l.Is("TransferLog")))
            faults.Add(new(0, "nothing is told to this program: there is no KafkaLogOnEvent, ExtendedLog or TransferLog", "see: ftpactors proftpd config"));
        if (!lines.Exists(l => l.Is("UniqueIDEngine") && l.IsOn) && !lines.TrueForAll(l => !l.Is("KafkaLogOnEvent") && !l.Is("ExtendedLog")))
            faults.Add(new(0, "sessions have no names of their own, so they are told apart by process and connection", "LoadModule mod_unique_id.c and UniqueIDEngine on"));
        return [.. faults.Distinct().OrderBy(f => f.Line == 0 ? int.MaxValue : f.Line)];
    }

    private static void CheckKafka(List<Directive> lines, List<ProftpdConfigFault> faults)
    {
        if (!lines.Exists(l => (l.Is("CapabilitiesEngine") || l.Is("CapabilitiesRootRevoke") || l.Is("RootRevoke")) && l.IsOff))
        {
            faults.Add(new(0, "a daemon that root has started aborts every session at its login (SIGABRT, with no word in any log): mod_kafka's threads keep capabilities that the main thread gives up",
                "CapabilitiesEngine off"));
        }
        var hasServers = lines.Exists(l => l.Is("KafkaProperty") && l.Word(1) == "bootstrap.servers");
        foreach (var broker in lines.Where(l => l.Is("KafkaBroker") && l.Words.Count > 2 && !hasServers))
            faults.Add(new(broker.Number, $"of two or more brokers the module drops the last, here {broker.Words[^1]}", $"KafkaProperty bootstrap.servers {string.Join(',', broker.Words.Skip(1))}"));
        Property("partitioner", v => v is "consistent" or "murmur2" or "fnv1a", "messages have no key, so a session is spread over all partitions and comes out of order", "consistent");
        Property("linger.ms", v => v == "0", "every command of every session waits some 5 ms", "0");
        Property("acks", v => v is "all" or "-1", "a broker that dies takes messages along that it had confirmed", "all");
        Property("enable.idempotence", v => v == "true", "a producer's retry writes messages twice", "true");
        if (!lines.Exists(l => l.Is("UseEncoding") && l.Words.Count > 2 && l.Word(2) != "UTF-8"))
        {
            faults.Add(new(0, "a name that is no UTF-8 aborts the session: what it did is done, and neither that nor its end is told. (Names of UTF-8 clients are then encoded twice; choose.)",
                "UseEncoding UTF-8 ISO-8859-1 and LangOptions PreferServerEncoding"));
        }
        foreach (var use in lines.Where(l => l.Is("KafkaLogOnEvent")))
            CheckUse(use, lines, faults);

        void Property(string name, Func<string, bool> isGood, string what, string value)
        {
            var given = lines.FindLast(l => l.Is("KafkaProperty") && l.Word(1) == name);
            if (given is null || !isGood(given.Word(2)))
                faults.Add(new(given?.Number ?? 0, $"KafkaProperty {name} is {given?.Word(2) ?? "not set"}: {what}", $"KafkaProperty {name} {value}"));
        }
    }

    private static void CheckUse(Directive use, List<Directive> lines, List<ProftpdConfigFault> faults)
    {
        var events = use.Word(1).Split(',', '|');
        if (events.Contains("AUTH"))
            faults.Add(new(use.Number, "AUTH is taken for the FTP command AUTH, not for logins", "KafkaLogOnEvent ALL ..., or USER,PASS"));
        if (!events.Contains("ALL"))
            faults.Add(new(use.Number, $"only {use.Word(1)} is told: sessions are not whole without connections, logins and ends", $"KafkaLogOnEvent ALL {use.Word(2)}"));
        if (use.Words.Count > 3 && use.Word(3) != "topic")
            faults.Add(new(use.Number, $"\"{use.Word(3)}\" stands where the word \"topic\" has to", $"KafkaLogOnEvent {use.Word(1)} {use.Word(2)} topic {use.Word(3)}"));
        if (use.Section is not ("" or "Global"))
            faults.Add(new(use.Number, $"within <{use.Section}> the module does not find formats", "put it into <Global>, which all virtual servers take over"));
        if (Format(use, use.Word(2), lines, faults) is not { } format)
            return;
        foreach (var (variable, what) in Needed.Where(n => !format.Text.Contains(n.Variable, StringComparison.Ordinal)))
            faults.Add(new(format.Number, $"LogFormat {use.Word(2)} has no {variable}: {what} is not told", $"LogFormat {ProftpdConfig.FormatName} \"{ProftpdConfig.KafkaFormat}\""));
        foreach (var (pattern, why) in Harmful.Where(h => format.Text.Contains(h.Pattern, StringComparison.Ordinal)))
            faults.Add(new(format.Number, $"LogFormat {use.Word(2)} has {pattern}: {why}", "leave it out"));
    }

    private static void CheckLog(Directive log, List<Directive> lines, List<ProftpdConfigFault> faults)
    {
        if (Format(log, log.Word(3), lines, faults) is not { } format || !format.Text.Contains(ProftpdLogLine.Mark, StringComparison.Ordinal))
            return;
        if (!format.Text.Contains(ProftpdLogLine.LogFormat, StringComparison.Ordinal))
            faults.Add(new(format.Number, "the columns are not those of this program, or have something else than tab characters between", $"LogFormat {ProftpdConfig.FormatName} \"{ProftpdLogLine.LogFormat}\""));
        var same = lines.Where(l => l.Is("ExtendedLog") && l.Word(1) == log.Word(1) && l.Word(3) == log.Word(3)).Select(l => l.Word(2)).ToList();
        if (same[0] == log.Word(2) && !(same.Contains("ALL") && same.Exists(c => c.Contains("EXIT", StringComparison.Ordinal) && !c.Contains("ALL", StringComparison.Ordinal))))
            faults.Add(new(log.Number, "ALL alone has no connections and no ends, and ALL with CONNECT,EXIT no unknown commands and no SFTP internals", $"two lines: ExtendedLog {log.Word(1)} ALL {log.Word(3)} and ExtendedLog {log.Word(1)} CONNECT,EXIT {log.Word(3)}"));
    }

    private static Directive? Format(Directive use, string name, List<Directive> lines, List<ProftpdConfigFault> faults)
    {
        var format = lines.Find(l => l.Is("LogFormat") && l.Word(1) == name);
        if (format is null)
            faults.Add(new(use.Number, $"there is no LogFormat {name} in this file", $"LogFormat {name} \"...\" before this line"));
        else if (format.Number > use.Number)
            faults.Add(new(use.Number, $"LogFormat {name} comes later, in line {format.Number}: it is not found", "put the LogFormat before this line"));
        else if (format.Section.Length > 0)
            faults.Add(new(format.Number, $"a LogFormat within <{format.Section}> is not found", "put it at the level of the server"));
        return format;
    }

    private static IEnumerable<Directive> Read(string text)
    {
        var sections = new Stack<string>();
        var number = 0;
        foreach (var line in text.Split('\n').Select(l => l.Trim()))
        {
            number++;
            if (line.StartsWith("</", StringComparison.Ordinal))
                sections.TryPop(out _);
            else if (line.StartsWith('<'))
                sections.Push(line.Trim('<', '>').Split(' ')[0]);
            else if (line.Length > 0 && line[0] != '#')
                // <IfModule> is no section of its own.
                yield return new Directive(number, sections.FirstOrDefault(s => !s.StartsWith("If", StringComparison.OrdinalIgnoreCase)) ?? "", line, [.. Words().Matches(line).Select(m => m.Value.Trim('"'))]);
        }
    }

    private sealed record Directive(int Number, string Section, string Text, List<string> Words)
    {
        public bool IsOn => Word(1).ToUpperInvariant() is "ON" or "TRUE" or "YES" or "1";
        public bool IsOff => Word(1).ToUpperInvariant() is "OFF" or "FALSE" or "NO" or "0";
        public bool Is(string name) => Words[0].Equals(name, StringComparison.OrdinalIgnoreCase);
        public string Word(int at) => at < Words.Count ? Words[at] : "";
    }

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Words();
}
