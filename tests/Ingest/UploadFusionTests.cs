using System.Globalization;
using FtpActors.Ingest.Watching;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

namespace FtpActors.Ingest.Tests;

/// <summary>A watch and a source beside it that tells the same uploads: one upload is one event, whoever is first.</summary>
public sealed class UploadFusionTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fusion").FullName;
    private readonly TestSpool _spool = new();
    private UploadFusion? _fusion;
    private ISpool? _log;
    private Running? _watch;

    public UploadFusionTests() => Directory.CreateDirectory(Root);

    private string Root => Path.Combine(_folder, "in");

    private IReadOnlyList<FtpEvent> Uploads => [.. _spool.Events.Where(e => e.Kind == EventKind.Upload)];

    [Fact]
    public async Task What_the_log_has_told_the_watch_does_not_tell()
    {
        await Start();
        Write("a");
        await Log(Upload("a"));
        Write("alone");
        await Told(2);
        Assert.Equal(["session", null], Uploads.Select(u => u.Session));
        Assert.All(Uploads, u => Assert.Equal(EventFlags.None, u.Flags));
    }

    [Fact]
    public async Task A_word_of_the_log_that_comes_after_the_watch_has_told_is_late()
    {
        await Start();
        Write("a");
        await Told(1);
        await Log(Upload("a"));
        Assert.Equal([EventFlags.None, EventFlags.Late], Uploads.Select(u => u.Flags));
        // A new version is a new upload.
        Write("a", "more");
        await Log(Upload("a"));
        Write("last");
        await Told(4);
        Assert.Equal([EventFlags.None, EventFlags.Late, EventFlags.None, EventFlags.None], Uploads.Select(u => u.Flags));
    }

    [Fact]
    public async Task A_rename_that_the_log_tells_is_not_told_by_the_watch_and_one_that_it_does_not_tell_is_the_upload_under_its_final_name()
    {
        await Start();
        Write("told.part");
        await Log(Upload("told.part"));
        File.Move(At("told.part"), At("told"));
        await Log(Of(EventKind.Rename, "told.part") with { PathTo = At("told") });
        Write("lost.part");
        await Log(Upload("lost.part"));
        File.Move(At("lost.part"), At("lost"));
        await Told(3);
        Write("last");
        await Told(4);
        Assert.Equal(["told.part", "lost.part", "lost", "last"], Uploads.Select(u => Path.GetFileName(u.Path)!));
        var final = Uploads[2];
        Assert.Equal(("session", "alice", At("lost.part"), EventStatus.Ok), (final.Session, final.User, final.PathFrom, final.Status));
    }

    [Fact]
    public async Task A_server_that_tells_no_renames_gets_its_final_names_from_the_watch_at_once()
    {
        await Start(silent: true, window: 60);
        Write("a.part");
        await Log(Upload("a.part"));
        File.Move(At("a.part"), At("a"));
        await Told(2);
        Assert.Equal((At("a"), At("a.part"), "session"), (Uploads[1].Path, Uploads[1].PathFrom, Uploads[1].Session));
    }

    [Fact]
    public async Task A_delete_is_told_once()
    {
        await Start();
        Write("a");
        await Log(Upload("a"));
        File.Delete(At("a"));
        await Log(Of(EventKind.Delete, "a"));
        Write("b");
        await Log(Upload("b"));
        File.Delete(At("b"));
        await Eventually.True(() => _spool.Events.Count(e => e.Kind == EventKind.Delete) == 2, () => string.Join(' ', _spool.Events.Select(e => e.Kind)));
        Assert.Equal(["session", null], _spool.Events.Where(e => e.Kind == EventKind.Delete).Select(e => e.Session));
    }

    [Fact]
    public async Task A_word_that_was_not_stored_does_not_keep_the_watch_silent_after_the_next_start()
    {
        await Start();
        Write("first");
        await Log(Upload("first"));
        Write("a");
        _spool.IsFull = true;
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Log(Upload("a")));
        await StopWatch();
        _spool.IsFull = false;
        await Start();
        await Told(2);
        Write("last");
        await Told(3);
        Assert.Equal(["first", "a", "last"], Uploads.Select(u => Path.GetFileName(u.Path)!));
        Assert.Equal(["session", null, null], Uploads.Select(u => u.Session));
    }

    [Fact]
    public async Task The_bookmark_of_the_source_stays_its_own()
    {
        await Start();
        var spool = _fusion!.SpoolOf("ssh");
        Assert.Null(await spool.ReadSourceStateAsync("ssh"));
        await spool.AppendAsync(new SourceBatch("ssh", [], [], [2, 1]));
        await spool.AppendAsync(new SourceBatch("ssh", [], []));
        Assert.Equal([2, 1], (await spool.ReadSourceStateAsync("ssh"))!);
        Assert.Same(_spool, _fusion.SpoolOf("other"));
        Assert.Equal([7, 7], FusedState.Decode([7, 7]).Own!);
    }

    [Fact]
    public async Task Many_uploads_of_both_are_each_told_once_whoever_is_first()
    {
        await Start(window: 1);
        for (var i = 0; i < 400; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"f{i}");
            Write(name);
            if (i % 2 == 0)
                await Log(Upload(name));
        }
        await Told(400);
        Write("last");
        await Told(401);
        Assert.Equal(401, Uploads.Count);
        Assert.Equal(200, Uploads.Count(u => u.Session is not null));
    }

    public async ValueTask DisposeAsync()
    {
        await StopWatch();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task Start(bool silent = false, double window = 0.6)
    {
        var options = new WatchOptions
        {
            Name = "drop", Host = "ftp1", Path = Root, DataFolder = _folder, Steady = TimeSpan.FromMilliseconds(100), Temporary = [Glob.ForPath("*.part")],
            Beside = ["ssh"], Window = TimeSpan.FromSeconds(window), Silent = silent ? ["ssh"] : [],
        };
        _fusion = new UploadFusion(_spool, [options]);
        _log = _fusion.SpoolOf("ssh");
        var source = new WatchSource(options, _spool, _fusion, TestStreams.Materializer, TimeProvider.System);
        _watch = Running.Start(source);
        await _watch.State("reading");
    }

    private async Task StopWatch()
    {
        if (_watch is not null)
            await _watch.DisposeAsync();
        _watch = null;
        _fusion?.Dispose();
    }

    private Task<long> Log(FtpEvent e) => _log!.AppendAsync(new SourceBatch("ssh", [e], [], [1]));

    private FtpEvent Upload(string name) => Of(EventKind.Upload, name) with { Bytes = 1 };

    private FtpEvent Of(EventKind kind, string name) => new()
    {
        ReceivedAt = DateTimeOffset.UtcNow, Kind = kind, Host = "ftp1", Source = "ssh", Session = "session", User = "alice", Path = At(name), Status = EventStatus.Ok,
    };

    private Task Told(int count) => Eventually.True(() => Uploads.Count >= count, () => $"{Uploads.Count} of {count}: {string.Join(' ', Uploads.Select(u => u.Path))}");

    private string At(string name) => $"{Root}/{name}";

    private void Write(string name, string text = "x") => File.WriteAllText(At(name), text);
}
