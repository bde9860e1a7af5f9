namespace FtpActors.Protocol.Proftpd;

/// <summary>The lines of proftpd.conf that a site needs. What each is for is measured with ProFTPD 1.3.8 and mod_kafka 0.1 of Debian 12; docs/proftpd.md tells it.</summary>
public static class ProftpdConfig
{
    /// <summary>Name of the LogFormat.</summary>
    public const string FormatName = "ftpactors";

    /// <summary>What a message of mod_kafka should have: without %r, notes and times, which are mangled or change their keys.</summary>
    public const string KafkaFormat =
        "%{UNIQUE_ID}e %P %{epoch} %{microsecs} %a %{remote-port} %L %p %{protocol} %v %u %U %A %m %J %s %S %f %F %D %d %w %b %{file-size} %{file-offset} %{file-modified} "
        + "%{transfer-status} %{transfer-millisecs} %{transfer-type} %I %O %E";

    /// <summary>The lines for mod_kafka.</summary>
    /// <param name="brokers"><c>host:port</c> with commas between.</param>
    /// <param name="topic">Topic.</param>
    public static string ForKafka(string brokers, string topic) => $$"""
        # For FtpActors, at the level of the server (not in <Global> or <VirtualHost>), before anything that uses the format.
        LoadModule mod_unique_id.c
        LoadModule mod_kafka.c
        # Names each session in every message.
        UniqueIDEngine on
        # Else a daemon that was started by root aborts every session at its login (mod_kafka's threads keep capabilities that the main thread gives up).
        CapabilitiesEngine off
        LogFormat {{FormatName}} "{{KafkaFormat}}"
        <Global>
          KafkaEngine on
          KafkaLog /var/log/proftpd/kafka.log
          # One broker here; all of them below, because of two or more the module drops the last.
          KafkaBroker {{brokers.Split(',')[0]}}
          KafkaProperty bootstrap.servers {{brokers}}
          # Else every command waits some 5 ms.
          KafkaProperty linger.ms 0
          KafkaProperty acks all
          KafkaProperty enable.idempotence true
          # Messages have no key: this puts them into one partition, so that a session stays in order.
          KafkaProperty partitioner consistent
          KafkaLogOnEvent ALL {{FormatName}} topic {{topic}}
        </Global>
        """;

    /// <summary>The lines for a log, without Kafka.</summary>
    /// <param name="path">Full path of the FIFO or file.</param>
    public static string ForLog(string path) => $$"""
        # For FtpActors, at the level of the server. The columns of the format have tab characters between: copy them as they are.
        LoadModule mod_unique_id.c
        # Names each session in every line.
        UniqueIDEngine on
        LogFormat {{FormatName}} "{{ProftpdLogLine.LogFormat}}"
        <Global>
          # Two lines: ALL alone has unknown commands and what happens inside SFTP, but neither connections nor ends.
          ExtendedLog {{path}} ALL {{FormatName}}
          ExtendedLog {{path}} CONNECT,EXIT {{FormatName}}
        </Global>
        """;
}
