using System.Text.Json;
using System.Text.RegularExpressions;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Actions.Kafka;

namespace FtpActors.Actors.Rules;

public static partial class RuleFile
{
    // How to add a kind of action: a record in ActionSpec.cs, its key here, a Read method, and a runner in Actions.
    private static readonly string[] ActionKinds = ["exec", "mail", "webhook", "file", "kafka"];

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(30);

    private static List<ActionSpec> ReadActions(Fields rule, string name, Reading reading)
    {
        var actions = new List<ActionSpec>();
        foreach (var (at, value) in rule.Items(name))
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                reading.Report.Add(at, $"an object with one of {string.Join(", ", ActionKinds)} is needed");
                continue;
            }
            var kinds = ActionKinds.Where(kind => value.TryGetProperty(kind, out _)).ToList();
            ActionSpec? action = kinds switch
            {
                ["exec"] => ReadExec(value, at, reading),
                ["mail"] => ReadMail(value, at, reading),
                ["webhook"] => ReadWebhook(value, at, reading),
                ["file"] => ReadFile(value, at, reading),
                ["kafka"] => ReadKafka(value, at, reading),
                _ => null,
            };
            if (kinds.Count != 1)
            {
                var given = value.EnumerateObject().Select(p => p.Name).FirstOrDefault() ?? "";
                reading.Report.Add(at, kinds.Count == 0
                    ? $"which action? exactly one of {string.Join(", ", ActionKinds)} is needed{Nearest.Hint(given, ActionKinds)}"
                    : $"{string.Join(" and ", kinds)} are two actions; write them one after the other");
            }
            if (action is not null)
                actions.Add(action);
        }
        return actions;
    }

    private static ExecAction? ReadExec(JsonElement element, string at, Reading reading)
    {
        if (Fields.Of(element, at, reading.Report, "exec", "timeout", "env", "cwd", "user", "group") is not { } f)
            return null;
        var words = f.Texts("exec");
        var program = words.Count > 0 ? words[0].Text : "";
        if (!Path.IsPathRooted(program) || program.Contains("{{", StringComparison.Ordinal) || program.Contains('\0', StringComparison.Ordinal))
            reading.Report.Add($"{at}.exec[0]", $"\"{program}\" is not allowed; the full path of a program, without {{{{names}}}}: nothing is searched");

        var environment = new Dictionary<string, Template>(StringComparer.Ordinal);
        foreach (var (name, text) in f.TextByName("env"))
        {
            if (!VariableForm().IsMatch(name))
                reading.Report.Add($"{at}.env.{name}", "is not the name of a variable; letters, digits and '_', not beginning with a digit");
            else if (Compile(text, $"{at}.env.{name}", reading) is { } template)
                environment[name] = template;
        }
        var folder = f.Text("cwd") ?? "/";
        if (!Path.IsPathRooted(folder) || folder.Contains("{{", StringComparison.Ordinal))
            f.Trouble("cwd", $"\"{folder}\" is not allowed; a full path, without {{{{names}}}}");
        return new ExecAction(
            program, [.. words.Skip(1).Select(w => Compile(w.Text, w.Key, reading)).OfType<Template>()], environment, folder,
            ReadAccount(f, "user"), ReadAccount(f, "group"), f.Duration("timeout", Second, Day, TimeSpan.FromMinutes(10)));
    }

    private static string? ReadAccount(Fields f, string name)
    {
        var account = f.Text(name);
        if (account is null || AccountForm().IsMatch(account))
            return account;
        f.Trouble(name, $"\"{account}\" is not allowed; a name or a number");
        return null;
    }

    private static MailAction? ReadMail(JsonElement element, string at, Reading reading)
    {
        if (Fields.Of(element, at, reading.Report, "mail")?.Value("mail") is not { } inner)
            return null;
        at += ".mail";
        string[] keys = ["to", "cc", "from", "reply_to", "subject", "body", "body_file", "timeout"];
        if (Fields.Of(inner, at, reading.Report, keys) is not { } f)
            return null;
        var to = Addresses(f, "to", reading);
        if (!f.Has("to"))
            f.Trouble("to", "is needed");
        if (f.Has("body") == f.Has("body_file"))
            f.Trouble("body", "exactly one of body and body_file is needed");
        var subject = f.Text("subject", required: true);
        var bodyFile = f.Text("body_file");
        return new MailAction(
            to, Addresses(f, "cc", reading), OneAddress(f, "from", reading), OneAddress(f, "reply_to", reading),
            Compile(subject ?? "", f.Key("subject"), reading) ?? Template.Compile(""), One(f, "body", reading),
            bodyFile is null ? null : Path.GetFullPath(bodyFile, reading.Folder), f.Duration("timeout", Second, TimeSpan.FromMinutes(10), NetworkTimeout));
    }

    private static WebhookAction? ReadWebhook(JsonElement element, string at, Reading reading)
    {
        if (Fields.Of(element, at, reading.Report, "webhook")?.Value("webhook") is not { } inner)
            return null;
        at += ".webhook";
        string[] keys = ["url", "secret_file", "secret_env", "headers", "follow_redirects", "timeout"];
        if (Fields.Of(inner, at, reading.Report, keys) is not { } f)
            return null;
        var text = f.Text("url", required: true);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
        {
            if (text is not null)
                f.Trouble("url", $"\"{text}\" is not allowed; http:// or https://, without user and password");
            return null;
        }
        if (f.Has("secret_file") && f.Has("secret_env"))
            f.Trouble("secret_env", "is given beside secret_file; keep one");

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in f.TextByName("headers"))
        {
            if (!HeaderForm().IsMatch(name) || !HeaderValueForm().IsMatch(value) || OwnHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
                reading.Report.Add($"{at}.headers.{name}", "is not allowed: a header's name and one line of printable ASCII, and none of our own headers");
            else
                headers[name] = value;
        }
        var secret = f.Text("secret_file");
        return new WebhookAction(
            url, secret is null ? null : Path.GetFullPath(secret, reading.Folder), f.Text("secret_env"), headers, f.Flag("follow_redirects"),
            f.Duration("timeout", Second, TimeSpan.FromMinutes(10), NetworkTimeout));
    }

    private static readonly string[] OwnHeaders =
        ["Host", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Idempotency-Key", "Ftpactors-Attempt", "Ftpactors-Signature"];

    private static FileAction? ReadFile(JsonElement element, string at, Reading reading)
    {
        if (Fields.Of(element, at, reading.Report, "file") is not { } f || f.Text("file", required: true) is not { } path)
            return null;
        if (Path.IsPathRooted(path) && !path.Contains("{{", StringComparison.Ordinal) && !path.Contains('\0', StringComparison.Ordinal))
            return new FileAction(path);
        f.Trouble("file", $"\"{path}\" is not allowed; a full path, without {{{{names}}}}");
        return null;
    }

    /// <summary>Whether a text can be the name of a topic.</summary>
    public static bool IsTopic(string text) => TopicForm().IsMatch(text);

    private static KafkaAction? ReadKafka(JsonElement element, string at, Reading reading)
    {
        if (Fields.Of(element, at, reading.Report, "kafka")?.Value("kafka") is not { } inner || Fields.Of(inner, $"{at}.kafka", reading.Report, "topic", "format", "timeout") is not { } f)
            return null;
        var topic = f.Text("topic", required: true);
        if (topic is not null && !TopicForm().IsMatch(topic))
            f.Trouble("topic", $"\"{topic}\" is not allowed; 1 to 249 letters, digits, '.', '_' and '-', without {{{{names}}}}");
        return new KafkaAction(topic ?? "", f.Text("format") ?? KafkaOptions.AllFormat, f.Duration("timeout", Second, TimeSpan.FromMinutes(10), NetworkTimeout));
    }

    // A list is cut before values are filled in: so a value can be one address, and never two.
    private static List<Template> Addresses(Fields f, string name, Reading reading) =>
        [.. f.Texts(name).SelectMany(t => MailAddresses.Split(t.Text).Select(one => Address(one, t.Key, reading))).OfType<Template>()];

    private static Template? OneAddress(Fields f, string name, Reading reading) =>
        f.Text(name) is { } text ? Address(text, f.Key(name), reading) : null;

    private static Template? Address(string text, string key, Reading reading)
    {
        if (text.Contains("{{", StringComparison.Ordinal) || MailAddresses.IsOne(text))
            return Compile(text, key, reading);
        reading.Report.Add(key, $"\"{text}\" is not a mail address; write a@example.org or Name <a@example.org>, several with commas between in to and cc");
        return null;
    }

    private static Template? One(Fields f, string name, Reading reading) =>
        f.Text(name) is { } text ? Compile(text, f.Key(name), reading) : null;

    private static Template? Compile(string text, string key, Reading reading)
    {
        try
        {
            return Template.Compile(text, html: false, reading.UserFields);
        }
        catch (FormatException e)
        {
            reading.Report.Add(key, e.Message);
            return null;
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z")]
    private static partial Regex TopicForm();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariableForm();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex AccountForm();

    [GeneratedRegex(@"^[!#$%&'*+.^_`|~0-9A-Za-z-]+\z")]
    private static partial Regex HeaderForm();

    [GeneratedRegex(@"^[\x20-\x7E]*\z")]
    private static partial Regex HeaderValueForm();
}
