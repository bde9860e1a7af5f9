using System.Globalization;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A topic as mod_kafka fills it, with four partitions, and a source that reads it.</summary>
internal static class ProftpdTopic
{
    public const string Name = "ftp-audit";

    public const int Partitions = 4;

    public const string Group = "g";

    /// <summary>Messages of one <see cref="Session"/>, each of which is an event.</summary>
    public const int Messages = 4;

    /// <param name="broker">The broker.</param>
    /// <param name="timeout">After so many milliseconds without a word a member of the group is dead.</param>
    public static string Source(KafkaBroker broker, int timeout = 6000) => $$"""
        { "name": "pro", "kind": "proftpd-kafka", "brokers": "{{broker.Brokers}}", "topics": ["{{Name}}"], "group": "{{Group}}",
          "librdkafka": { "session.timeout.ms": {{timeout}}, "heartbeat.interval.ms": 500, "reconnect.backoff.max.ms": 500, "topic.metadata.refresh.interval.ms": 500 } }
        """;

    /// <summary>One session as mod_kafka tells it: a login, an upload, a rename, an end.</summary>
    public static IEnumerable<(int Partition, string Value)> Session(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"session{number}");
        string Line(int step, string more) => $$"""{"ENV:UNIQUE_ID":"{{id}}","epoch":1795221709,"microsecs":{{step}},"remote_ip":"192.0.2.7","local_ip":"192.0.2.1","user":"alice",{{more}}}""";
        return
        [
            (number % Partitions, Line(1, """ "command":"PASS","response_code":230 """)),
            (number % Partitions, Line(2, """ "command":"STOR","response_code":226,"transfer_status":"success","bytes_sent":10,"file":"/a" """)),
            (number % Partitions, Line(3, """ "command":"RNTO","response_code":250,"file":"/b","rename_from":"/a" """)),
            (number % Partitions, Line(4, """ "command":"EXIT","session_end_reason":"Quit" """)),
        ];
    }
}
