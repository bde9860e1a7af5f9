using FtpActors.Actors.Stored;

namespace FtpActors.Actors.Tests;

public sealed class JournalServersTests
{
    private static readonly JournalServers Three = new([new JournalServer(4, 7, "b"), new JournalServer(10, 10, "c")]);

    [Fact]
    public void A_handler_that_no_further_server_is_given_is_on_the_first_one()
    {
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 2, 0], Enumerable.Range(0, 12).Select(Three.Of));
        Assert.Equal("akka.persistence.journal.handlers", Three.JournalPluginOf(3));
        Assert.Equal("akka.persistence.snapshot-store.handlers-2", Three.SnapshotPluginOf(10));
    }

    [Fact]
    public void The_handlers_of_a_server_are_told_as_ranges()
    {
        Assert.Equal(["0-3,8-9,11", "4-7", "10"], Enumerable.Range(0, 3).Select(server => Three.ShareOf(server, 12)));
        Assert.Equal("0-15", JournalServers.One.ShareOf(0, 16));
        Assert.Equal("", new JournalServers([new JournalServer(0, 3, null)]).ShareOf(0, 4));
    }
}
