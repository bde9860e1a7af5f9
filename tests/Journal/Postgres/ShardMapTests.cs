using FsCheck;
using FsCheck.Fluent;
using FtpActors.Journal.Postgres.Spread;

namespace FtpActors.Journal.Tests.Postgres;

public sealed class ShardMapTests
{
    [Fact]
    public void A_map_is_the_same_after_it_was_written_and_read()
    {
        var maps = Gen.NonEmptyListOf(Gen.Choose(0, 3)).Where(servers => servers.Distinct().Count() == servers.Max() + 1);
        Prop.ForAll(maps.ToArbitrary(), servers =>
        {
            var map = new ShardMap([.. servers]);
            var ranges = map.ToString().Split(", ").Select(r => r.Split(": ")).Select(r => (r[0], int.Parse(r[1])));
            var read = ShardMap.TryRead(ranges, map.Shards, map.Servers, out var problem);
            Assert.Null(problem);
            Assert.Equal(servers, Enumerable.Range(0, read!.Shards).Select(read.ServerOf));
            Assert.Equal(map.ToString(), read.ToString());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Ranges_in_any_order_and_split_in_any_way_are_one_map() =>
        Assert.Equal("0-3: 0, 4-6: 1, 7: 0", ShardMap.TryRead([("7", 0), ("4-6", 1), ("0-1", 0), ("2-3", 0)], 8, 2, out _)!.ToString());

    [Theory]
    [InlineData("0-2:0,3:1", "shard 4 has no server")]
    [InlineData("0-3:0,3-4:1", "shard 3 is there twice")]
    [InlineData("0-4:0", "server 1 has no shard")]
    [InlineData("0-3:0,4:2", "on server 2")]
    [InlineData("0-3:0,4:-1", "on server -1")]
    [InlineData("0-3:0,4-5:1", "\"4-5\" is not a range")]
    [InlineData("3-0:0,4:1", "\"3-0\" is not a range")]
    [InlineData("-1:0", "\"-1\" is not a range")]
    [InlineData("0-3-4:0", "\"0-3-4\" is not a range")]
    [InlineData("99999999999:0", "is not a range")]
    [InlineData("", "shard 0 has no server")]
    public void What_is_wrong_with_a_table_is_said(string table, string problem)
    {
        var ranges = table.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split(':')).Select(r => (r[0], int.Parse(r[1])));

        Assert.Null(ShardMap.TryRead(ranges, 5, 2, out var found));
        Assert.Contains(problem, found, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_at_most_nine_servers_and_none_without_a_shard()
    {
        Assert.Equal(9, new ShardMap([.. Enumerable.Range(0, 9)]).Servers);
        Assert.Throws<ArgumentException>(() => new ShardMap([.. Enumerable.Range(0, 10)]));
        Assert.Throws<ArgumentException>(() => new ShardMap([0, 2]));
        Assert.Throws<ArgumentException>(() => new ShardMap([]));
    }
}
