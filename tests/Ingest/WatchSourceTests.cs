using System.Diagnostics;
using System.Globalization;
using FtpActors.Ingest.Watching;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;
using FtpActors.Protocol.Watching;

namespace FtpActors.Ingest.Tests;

/// <summary>Real files, a real inotify, real leases.</summary>
public sealed class WatchSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("watch").FullName;
    private readonly TestSpool _spool = new();

    public WatchSourceTests() => Directory.CreateDirectory(Root);

    private string Root => Path.Combine(_folder, "in");

    private IEnumerable<FtpEvent> Uploads => _spool.Events.Where(e => e.Kind == EventKind.Upload);

    [Fact]
    public async Task A_file_is_told_once_when_it_is_finished_and_not_again_after_a_restart()
    {
        await using (var source = await Start())
        {
            Write("bob/a b", "12345");
            await Told(1);
        }
        var e = Assert.Single(Uploads);
        Assert.Equal((At("bob/a b"), "bob", EventStatus.Unknown), (e.Path, e.User, e.Status));
        Assert.Contains("size=5", e.Extra!);
        Write("bob/while down", "x");
        File.WriteAllText(At("bob/a b"), "123");
        await using (var source = await Start())
            await Told(3);
        await using (var source = await Start())
        {
            Write("bob/last", "");
            await Told(4);
        }
        Assert.Equal(["a b", "a b", "last", "while down"], Uploads.Select(u => Path.GetFileName(u.Path)!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_there_before_the_first_start_is_not_told_and_its_next_version_is()
    {
        Write("old", "old");
        Write("other", "old");
        // The kernel's clock of files goes in steps of up to 10 ms.
        await Task.Delay(30);
        await using var source = await Start();
        await Eventually.True(() => _spool.Batches.Any(b => b.SourceState is { } s && WatchState.Decode(s)!.HasLooked), () => "it never looked");
        File.AppendAllText(At("old"), "new");
        await Told(1);
        Assert.Equal(At("old"), Assert.Single(Uploads).Path);
    }

    [Fact]
    public async Task Folders_that_are_made_and_filled_at_once_lose_nothing()
    {
        await using var source = await Start();
        for (var i = 0; i < 300; i++)
        {
            for (var j = 0; j < 3; j++)
                Write(string.Create(CultureInfo.InvariantCulture, $"d{i}/e/f{j}"), "x");
        }
        await Told(900);
        await Quiet(source);
        Assert.Equal(900, Uploads.Select(u => u.Path).Distinct().Count());
        Assert.Equal(900, Uploads.Count());
    }

    [Fact]
    public async Task A_folder_that_is_moved_in_is_scanned_and_one_that_is_renamed_is_not_told_again()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside/deep")).FullName;
        File.WriteAllText(Path.Combine(outside, "f"), "x");
        await using var source = await Start();
        Directory.Move(Path.Combine(_folder, "outside"), At("moved"));
        await Told(1);
        Directory.Move(At("moved"), At("renamed"));
        Write("renamed/deep/g", "y");
        await Told(2);
        await Quiet(source);
        Assert.Equal([At("moved/deep/f"), At("renamed/deep/g")], Uploads.Select(u => u.Path));
        // It is known under its new name.
        File.Delete(At("renamed/deep/f"));
        await Eventually.True(() => _spool.Events.Any(e => e.Kind == EventKind.Delete), () => "no delete");
        Assert.Equal(At("renamed/deep/f"), Assert.Single(_spool.Events, e => e.Kind == EventKind.Delete).Path);
    }

    [Fact]
    public async Task A_temporary_name_is_not_told_and_its_rename_is_ok()
    {
        await using var source = await Start();
        Write("f.part", "x");
        File.Move(At("f.part"), At("f"));
        Write(".g.Ab12xY", "x");
        File.Move(At(".g.Ab12xY"), At("g"));
        Write(".in.h", "x");
        Execute("ln", At(".in.h"), At("h"));
        File.Delete(At(".in.h"));
        await Told(3);
        await Quiet(source);
        Assert.Equal(["f", "g", "h"], Uploads.Select(u => Path.GetFileName(u.Path)!).Order(StringComparer.Ordinal));
        Assert.All(Uploads, u => Assert.Equal(EventStatus.Ok, u.Status));
        Assert.All(Uploads, u => Assert.Contains(u.Extra!, w => w.StartsWith("renamed_from=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Renames_and_deletes_are_told_once()
    {
        await using var source = await Start();
        Write("a", "x");
        await Told(1);
        File.Move(At("a"), At("b"));
        await Kinds(EventKind.Rename, 1);
        File.Delete(At("b"));
        await Kinds(EventKind.Delete, 1);
        await Quiet(source);
        Assert.Equal([EventKind.Upload, EventKind.Rename, EventKind.Delete], _spool.Events.Select(e => e.Kind));
        Assert.Equal((At("a"), At("b")), (_spool.Events[1].Path, _spool.Events[1].PathTo));
    }

    [Fact]
    public async Task A_file_that_somebody_has_open_is_not_finished()
    {
        await using var source = await Start();
        await using (var first = new FileStream(At("f"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            await first.WriteAsync("half"u8.ToArray());
            await first.FlushAsync();
            // A second client opens and closes it meanwhile: the kernel says "closed after writing" with the first one still at it.
            await using (var second = new FileStream(At("f"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
                second.WriteByte(1);
            await Task.Delay(600);
            Assert.Empty(Uploads);
        }
        await Told(1);
        Assert.Contains("closings=2", Assert.Single(Uploads).Extra!);
        Assert.Empty(source.Source.Status.Warnings);
    }

    [Fact]
    public async Task A_queue_that_overflows_loses_nothing_and_tells_nothing_twice()
    {
        var most = int.Parse(File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"), CultureInfo.InvariantCulture);
        await using var source = await Start(o => o with { MostRecordBytes = 0 });
        Write("first", "x");
        _spool.Hold();
        Write("second", "x");
        // It is read until a batch waits for the spool; with no room in memory nothing is read behind that.
        await Eventually.True(() => _spool.Batches.Any(b => b.Events.Any(e => e.Path == At("first") || e.Path == At("second"))), () => "no batch");
        for (var i = 0; i < most; i++)
            File.WriteAllBytes(At(string.Create(CultureInfo.InvariantCulture, $"f{i}")), []);
        _spool.Release();
        await Eventually.True(() => Uploads.Count() >= most + 2, () => $"{Uploads.Count()} of {most + 2}: {source.Source.Status}");
        await Quiet(source);
        Assert.Contains(source.Source.Status.Warnings, w => w.Contains("queue was full", StringComparison.Ordinal));
        Assert.Equal(most + 2, Uploads.Count());
        Assert.Equal(most + 2, Uploads.Select(u => u.Path).Distinct().Count());
    }

    [Fact]
    public async Task What_the_spool_did_not_store_is_told_after_the_next_start_and_what_it_did_is_not()
    {
        await using (var source = await Start())
        {
            Write("stored", "x");
            await Told(1);
            _spool.IsFull = true;
            Write("not stored", "x");
            File.Delete(At("stored"));
            await Eventually.True(() => source.Source.Status.State == "waiting", () => $"{source.Source.Status}");
        }
        _spool.IsFull = false;
        await using (var source = await Start())
        {
            await Told(2);
            await Kinds(EventKind.Delete, 1);
            await Quiet(source);
        }
        Assert.Equal([At("stored"), At("not stored")], Uploads.Select(u => u.Path));
        Assert.Single(_spool.Events, e => e.Kind == EventKind.Delete);
    }

    [Fact]
    public async Task A_mount_is_polled()
    {
        await using var source = await Start(o => o with { Poll = TimeSpan.FromMilliseconds(100), PollCount = 3 });
        Write("a", "x");
        Write("d/b", "x");
        await Told(2);
        await Quiet(source);
        File.AppendAllText(At("a"), "y");
        await Told(3);
        Assert.Equal(3, Uploads.Count());
    }

    [Fact]
    public async Task A_folder_that_goes_and_comes_back_is_watched_again_and_its_files_are_not_deleted()
    {
        await using var source = await Start();
        Write("a", "x");
        await Told(1);
        Directory.Move(Root, Root + ".away");
        await Eventually.True(() => source.Source.Status.Trouble is not null, () => $"{source.Source.Status}");
        Directory.Move(Root + ".away", Root);
        await Eventually.True(() => source.Source.Status.Trouble is null, () => $"{source.Source.Status}");
        Write("b", "x");
        await Told(2);
        await Quiet(source);
        Assert.DoesNotContain(_spool.Events, e => e.Kind == EventKind.Delete);
        Assert.Equal([At("a"), At("b")], Uploads.Select(u => u.Path));
    }

    [Fact]
    public async Task Names_that_are_no_text_are_told_by_their_bytes()
    {
        await using var source = await Start();
        Execute("sh", "-c", "mkdir \"$1\"/$(printf 'd\\377'); echo x > \"$1\"/$(printf 'd\\377')/$(printf 'f\\376'); echo y > \"$1\"/'b\\s'", "sh", Root);
        await Told(2);
        Assert.Equal([At(@"b\\s"), At(@"d\xFF/f\xFE")], Uploads.Select(u => u.Path!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Ignored_paths_are_not_looked_at()
    {
        await using var source = await Start(o => o with { Ignore = [Glob.ForPath("**/logs"), Glob.ForPath("*.log")] });
        Write("logs/x", "x");
        Write("a.log", "x");
        Write("b", "x");
        await Told(1);
        await Quiet(source);
        Assert.Equal(At("b"), Assert.Single(Uploads).Path);
    }

    [Theory]
    [InlineData("/srv/{user}/**", "/srv/bob/x/f", "bob")]
    [InlineData("/srv/*/up-{user}/in/**", "/srv/a/up-bob/in/f", "bob")]
    [InlineData("/srv/{user}/**", "/other/bob/f", "")]
    public void A_user_is_told_by_the_path(string pattern, string path, string user) => Assert.Equal(user, new UsersByPath(pattern).UserOf(path, 0));

    [Theory]
    [InlineData("/srv/**/{user}/x")]
    [InlineData("/srv/*")]
    [InlineData("srv/{user}")]
    [InlineData("/{user}/{user}")]
    public void A_pattern_that_names_no_user_is_refused(string pattern) => Assert.Throws<FormatException>(() => new UsersByPath(pattern));

    [Fact]
    public void A_user_is_told_by_home_and_owner()
    {
        var homes = new UsersByHome([("/srv/a", "a"), ("/srv/a/b/", "b"), ("/both", "c"), ("/both", "d")]);
        Assert.Equal(["a", "b", "", ""], new[] { "/srv/a/f", "/srv/a/b/x/f", "/both/f", "/srv/f" }.Select(p => homes.UserOf(p, 0)));
        var asked = 0;
        var owners = new UsersByOwner(id => { asked++; return id == 7 ? "seven" : null; });
        Assert.Equal(["seven", "seven", ""], new uint[] { 7, 7, 8 }.Select(id => owners.UserOf("/f", id)));
        Assert.Equal(2, asked);
    }

    public void Dispose()
    {
        // Names there may be no UTF-8, and .NET cannot name those.
        Execute("rm", "-rf", _folder);
    }

    private async Task<Watched> Start(Func<WatchOptions, WatchOptions>? with = null)
    {
        var options = new WatchOptions
        {
            Name = "drop", Host = "ftp1", Path = Root, DataFolder = _folder, Steady = TimeSpan.FromMilliseconds(200), Users = new UsersByPath(Root + "/{user}/**"),
            Temporary = [.. FinalNames.Defaults.Concat(WatchRules.MoreTemporaryNames).Select(g => Glob.ForPath(g))],
        };
        options = with is null ? options : with(options);
        var fusion = new UploadFusion(_spool, [options]);
        var source = new WatchSource(options, _spool, fusion, TestStreams.Materializer, TimeProvider.System);
        var running = Running.Start(source);
        await running.State("reading");
        return new Watched(source, running, fusion);
    }

    private Task Told(int count) => Kinds(EventKind.Upload, count);

    private Task Kinds(EventKind kind, int count) => Eventually.True(
        () => _spool.Events.Count(e => e.Kind == kind) >= count, () => $"{_spool.Events.Count(e => e.Kind == kind)} of {count} {kind}: {string.Join(' ', _spool.Texts.Take(20))}");

    /// <summary>Nothing waits to be told any more.</summary>
    private static Task Quiet(Watched source)
    {
        var since = Stopwatch.StartNew();
        return Eventually.True(
            () =>
            {
                if (source.Source.Status.Depth > 0)
                    since.Restart();
                return since.ElapsedMilliseconds > 700;
            },
            () => $"{source.Source.Status}");
    }

    private string At(string name) => $"{Root}/{name}";

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
    }

    private static void Execute(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private sealed record Watched(WatchSource Source, Running Running, UploadFusion Fusion) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Running.DisposeAsync();
            Fusion.Dispose();
        }
    }
}
