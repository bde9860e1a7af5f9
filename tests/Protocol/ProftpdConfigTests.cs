using FtpActors.Protocol.Proftpd;

namespace FtpActors.Protocol.Tests;

public class ProftpdConfigTests
{
    [Fact]
    public void What_is_printed_has_no_fault_but_the_one_that_a_site_has_to_choose()
    {
        Assert.Contains("UTF-8", Assert.Single(ProftpdConfigCheck.Check(ProftpdConfig.ForKafka("a:9092,b:9092", "t"))).What, StringComparison.Ordinal);
        Assert.Empty(ProftpdConfigCheck.Check(ProftpdConfig.ForKafka("a:9092", "t") + "\nUseEncoding UTF-8 ISO-8859-1\n"));
        Assert.Empty(ProftpdConfigCheck.Check(ProftpdConfig.ForLog("/run/x.fifo")));
    }

    [Theory]
    [InlineData("CapabilitiesEngine off", "", "aborts every session")]
    [InlineData("KafkaProperty bootstrap.servers a:9092,b:9092", "KafkaBroker a:9092 b:9092", "drops the last, here b:9092")]
    [InlineData("KafkaProperty partitioner consistent", "", "spread over all partitions")]
    [InlineData("KafkaProperty linger.ms 0", "KafkaProperty linger.ms 5", "waits some 5 ms")]
    [InlineData("KafkaProperty acks all", "KafkaProperty acks 1", "had confirmed")]
    [InlineData("KafkaProperty enable.idempotence true", "", "twice")]
    [InlineData("UniqueIDEngine on", "UniqueIDEngine off", "no names of their own")]
    [InlineData("KafkaLogOnEvent ALL ftpactors topic t", "KafkaLogOnEvent AUTH,WRITE ftpactors topic t", "not for logins")]
    [InlineData("KafkaLogOnEvent ALL ftpactors topic t", "KafkaLogOnEvent ALL ftpactors t", "word \"topic\"")]
    [InlineData("KafkaLogOnEvent ALL ftpactors topic t", "KafkaLogOnEvent ALL other topic t", "no LogFormat other")]
    [InlineData("%{microsecs} ", "", "has no %{microsecs}")]
    [InlineData("%{microsecs} ", "%{microsecs} %r %{note:UNIQUE_ID} ", "has %{note:")]
    [InlineData("<Global>", "<VirtualHost 192.0.2.1>", "does not find formats")]
    public void Each_known_fault_of_mod_kafka_is_found_and_explained(string good, string bad, string expected)
    {
        var text = ProftpdConfig.ForKafka("a:9092,b:9092", "t") + "\nUseEncoding UTF-8 ISO-8859-1\n";
        Assert.Contains(good, text, StringComparison.Ordinal);
        var faults = ProftpdConfigCheck.Check(text.Replace(good, bad, StringComparison.Ordinal));
        Assert.Contains(faults, f => f.What.Contains(expected, StringComparison.Ordinal) && f.Remedy.Length > 0);
    }

    [Fact]
    public void Faults_of_a_log_and_a_file_that_tells_nothing_are_found()
    {
        var text = ProftpdConfig.ForLog("/run/x.fifo");
        Assert.Contains("no connections", Assert.Single(ProftpdConfigCheck.Check(text.Replace("ExtendedLog /run/x.fifo CONNECT,EXIT ftpactors", "", StringComparison.Ordinal))).What, StringComparison.Ordinal);
        Assert.Contains("tab characters", Assert.Single(ProftpdConfigCheck.Check(text.Replace('\t', ' '))).What, StringComparison.Ordinal);
        Assert.Contains("nothing is told", Assert.Single(ProftpdConfigCheck.Check("ServerName x\n# comment\n")).What, StringComparison.Ordinal);
    }
}
