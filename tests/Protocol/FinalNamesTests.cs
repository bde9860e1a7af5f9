using FtpActors.Protocol.Globs;

namespace FtpActors.Protocol.Tests;

public sealed class FinalNamesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly FinalNames _names = new([.. FinalNames.Defaults.Select(p => Glob.ForPath(p))]);

    [Theory]
    [InlineData("/home/anna/a.csv.filepart")]
    [InlineData("/home/anna/.in.a.csv.")]
    [InlineData("/home/anna/a.csv.part")]
    public void An_upload_under_a_temporary_name_is_told_again_when_it_is_renamed(string temporary)
    {
        var all = _names.Take([Upload(temporary, 1000), Rename(temporary, "/home/anna/a.csv")]);

        Assert.Equal([EventKind.Upload, EventKind.Rename, EventKind.Upload], all.Select(e => e.Kind));
        Assert.Equal((temporary, EventFlags.Temporary, null), (all[0].Path, all[0].Flags, all[0].PathFrom));
        Assert.Equal(("/home/anna/a.csv", EventFlags.None, temporary, 1000L, EventStatus.Ok), (all[2].Path, all[2].Flags, all[2].PathFrom, all[2].Bytes, all[2].Status));
        // Once: the file has its name.
        Assert.Single(_names.Take([Rename(temporary, "/home/anna/b.csv")]));
    }

    [Fact]
    public void A_rename_of_another_session_or_of_a_finished_file_or_one_that_failed_tells_nothing()
    {
        _names.Take([Upload("/x.part", 1), Upload("/y.csv", 1), Upload("/old.part", 1)]);
        Assert.Single(_names.Take([Rename("/x.part", "/x") with { User = "bob" }]));
        Assert.Single(_names.Take([Rename("/y.csv", "/z.csv")]));
        Assert.Single(_names.Take([Rename("/x.part", "/x") with { Status = EventStatus.Denied }]));
        Assert.Single(_names.Take([Rename("/old.part", "/old") with { ReceivedAt = Start.AddDays(2) }]));
    }

    [Fact]
    public void A_name_that_is_temporary_again_waits_for_its_next_rename()
    {
        Assert.Equal(2, _names.Take([Upload("/x.part", 7), Rename("/x.part", "/x.filepart")]).Count);
        var final = _names.Take([Rename("/x.filepart", "/x")])[1];
        Assert.Equal(("/x", "/x.filepart", 7L), (final.Path, final.PathFrom, final.Bytes));
    }

    [Fact]
    public void By_UDP_the_rename_may_come_before_its_upload()
    {
        Assert.Single(_names.Take([Rename("/x.part", "/x") with { Fingerprint = "r" }]));
        var all = _names.Take([Upload("/x.part", 7) with { Fingerprint = "u" }]);
        Assert.Equal(["/x.part", "/x"], all.Select(e => e.Path));
        // The same message once more is the sequencer's; it must not become a second upload.
        Assert.Equal(EventFlags.Temporary, Assert.Single(_names.Take([Upload("/x.part", 7) with { Fingerprint = "u" }])).Flags);
        Assert.NotEqual(all[0].Fingerprint, all[1].Fingerprint);
    }

    [Fact]
    public void What_waited_is_known_again_from_the_stored_events()
    {
        var before = _names.Take([Upload("/x.part", 7), Upload("/y.part", 8), Rename("/y.part", "/y")]);
        var after = new FinalNames([Glob.ForPath("*.part")]);
        foreach (var e in before)
            after.Remember(e);
        Assert.Equal(2, after.Take([Rename("/x.part", "/x")]).Count);
        Assert.Single(after.Take([Rename("/y.part", "/z")]));
    }

    [Fact]
    public void A_site_without_patterns_sees_what_the_server_said()
    {
        FtpEvent[] events = [Upload("/x.part", 7), Rename("/x.part", "/x")];
        Assert.Same(events, new FinalNames([]).Take(events));
    }

    [Fact]
    public void What_waits_is_bounded_and_the_oldest_is_forgotten()
    {
        for (var i = 0; i <= FinalNames.Most; i++)
            _names.Take([Upload($"/{i}.part", i) with { ReceivedAt = Start.AddSeconds(i) }]);
        Assert.Single(_names.Take([Rename("/0.part", "/0")]));
        Assert.Equal(2, _names.Take([Rename("/1.part", "/1")]).Count);
    }

    private static FtpEvent Upload(string path, long bytes) => Of(EventKind.Upload, path) with { Bytes = bytes, Time = Start, Seconds = 1 };

    private static FtpEvent Rename(string path, string to) => Of(EventKind.Rename, path) with { PathTo = to };

    private static FtpEvent Of(EventKind kind, string path) => new()
    {
        ReceivedAt = Start.AddSeconds(1), Kind = kind, Host = "h", Source = "s", User = "anna", RemoteHost = "192.0.2.7", Path = path, Status = EventStatus.Ok,
    };
}
