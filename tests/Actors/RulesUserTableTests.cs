using System.Text;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;
using Microsoft.Extensions.Time.Testing;

namespace FtpActors.Actors.Tests;

public sealed class RulesUserTableTests
{
    [Fact]
    public void Quotes_commas_line_breaks_and_bytes_beyond_UTF8_are_kept()
    {
        byte[] file = [.. "login,name,email\r\nbob,\"Bob \"\"B\"\", of\nLondon\",b@x\r\n\r\nj"u8, 0xE9, .. ",Jos,j@x"u8];
        var (users, problems) = UserTable.Parse(file, "users.csv");
        Assert.Empty(problems);
        Assert.Equal("Bob \"B\", of\nLondon", users!.Find("bob")!["name"]);
        Assert.Equal("j@x", users.Find(@"j\xE9")!["email"]);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("name,email\n", "no field login")]
    [InlineData("login,email\nbob\n", "line 2: 1 fields")]
    [InlineData("login,email\nbob,x\nbob,y\n", "line 3: login \"bob\" is there already")]
    [InlineData("login,email\nbob,\"x\n", "line 2: a quote is not closed")]
    [InlineData("login,email\nbob,\"x\"y\n", "line 2: a quote is not closed")]
    [InlineData("login,email\nbob,x\"y\"\n", "line 2: a quote is not closed")]
    [InlineData("login,email\n\nbob,\"x\ny\"\n\nbob,z\n", "line 6: login \"bob\" is there already")]
    [InlineData("login,email\nann,\"x\n\ny\"\nbob,\"p\nq\",r\n", "line 5: 3 fields")]
    public void A_wrong_file_is_refused_with_the_line(string file, string reason)
    {
        var (users, problems) = UserTable.Parse(Encoding.UTF8.GetBytes(file), "users.csv");
        Assert.Null(users);
        Assert.Contains(reason, string.Join('\n', problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_file_is_read_again_and_a_bad_one_leaves_the_old_users()
    {
        var path = Path.GetTempFileName();
        var time = new FakeTimeProvider();
        try
        {
            File.WriteAllText(path, "login,email\nbob,a@x\n");
            var directory = new UserDirectory(path, time);
            Assert.Equal("a@x", directory.Find("bob")!["email"]);

            File.WriteAllText(path, "login,email\nbob,other@x\n");
            time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("other@x", directory.Find("bob")!["email"]);

            File.WriteAllText(path, "login,email\nbob\n");
            time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("other@x", directory.Find("bob")!["email"]);
            Assert.Contains("line 2", Assert.Single(directory.Problems), StringComparison.Ordinal);

            File.Delete(path);
            time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("other@x", directory.Find("bob")!["email"]);
            Assert.Contains("no such file", Assert.Single(directory.Problems), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
