using System.Runtime.Versioning;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

/// <summary>The whole source with a folder, a pipe and a log that are written as the server writes them.</summary>
[SupportedOSPlatform("linux")]
public sealed class PureFtpdScoreboardSourceTests : IDisposable
{
    private readonly TestFifo _fifo = new();
    private readonly TestScoreboard _scoreboard = new();
    private readonly TestSpool _spool = new();

    public void Dispose()
    {
        _fifo.Dispose();
        _scoreboard.Dispose();
    }

    [Fact]
    public async Task A_session_that_comes_and_goes_is_seen_by_its_file_and_not_by_the_poll()
    {
        await using var source = Running.Start(Source(poll: TimeSpan.FromMinutes(1)));
        await source.State("reading");
        await Stored(0);
        var session = TestScoreboard.Session();
        _scoreboard.Write(session);
        await Stored(1);
        _scoreboard.Write(session with { State = ScoreboardState.Free });
        _scoreboard.Remove(session.Pid);
        await Stored(2);
        Assert.Equal(["login alice", "logout unknown"], _spool.Events.Select(TrackerPlay.TextOf));
        Assert.All(_spool.Events, e => Assert.Equal((session.Session, "192.0.2.1"), (e.Session, e.RemoteHost)));
    }

    [Fact]
    public async Task A_folder_that_is_made_for_the_first_client_is_seen_at_once()
    {
        Directory.Delete(_scoreboard.Folder);
        await using var source = Running.Start(Source(poll: TimeSpan.FromMinutes(1)));
        await source.State("reading");
        await Eventually.True(() => _spool.Appends > 0, () => "nobody looked");
        Directory.CreateDirectory(_scoreboard.Folder);
        _scoreboard.Write(TestScoreboard.Session());
        await Stored(1);
    }

    [Fact]
    public async Task A_file_that_was_seen_before_the_server_filled_it_is_looked_at_again_soon()
    {
        await using var source = Running.Start(Source(poll: TimeSpan.FromMinutes(1)));
        await source.State("reading");
        await Stored(0);
        // First the length, then, with no notice, the entry.
        var session = TestScoreboard.Session();
        TestScoreboard.Write(_scoreboard.PathOf(session.Pid), new byte[1464]);
        await Eventually.True(() => IsOpen(_scoreboard.PathOf(session.Pid)), () => "nobody looked");
        _scoreboard.Write(session);
        await Stored(1);
    }

    [Fact]
    public async Task Record_line_and_scoreboard_are_one_event_of_the_session()
    {
        var log = Path.Combine(_fifo.Folder, "altlog");
        await using var source = Running.Start(Source(log));
        await source.State("reading");
        await Stored(0);
        var session = TestScoreboard.Session();
        _scoreboard.Write(session);
        await Stored(1);
        var path = Path.Combine(_fifo.Folder, "up.bin");
        await File.WriteAllBytesAsync(path, new byte[12]);
        var transferAt = TestScoreboard.Now.AddSeconds(1);
        _scoreboard.Write(session with { State = ScoreboardState.Upload, File = "up.bin", TransferStartedAt = transferAt, CurrentSize = 12, TotalSize = 12 });
        await File.AppendAllBytesAsync(log, AltlogClf.Encode(
            new AltlogLine { EndedAt = transferAt, IsUpload = true, Account = "alice", Host = "192.0.2.1", Bytes = 12, Path = path }));
        _fifo.Write(path);
        _scoreboard.Write(session with { TransferStartedAt = transferAt, CurrentSize = 12, TotalSize = 12 });
        await Eventually.True(() => _spool.Events.Any(e => e.Kind == EventKind.Upload), () => $"no upload in {string.Join(", ", _spool.Events.Select(TrackerPlay.TextOf))}");
        _scoreboard.Remove(session.Pid);
        await Eventually.True(() => _spool.Events.Any(e => e.Kind == EventKind.Logout), () => "no logout");
        var upload = Assert.Single(_spool.Events, e => e.Kind == EventKind.Upload);
        Assert.Equal((path, 12L, session.Session, EventStatus.Unknown), (upload.Path, upload.Bytes, upload.Session, upload.Status));
        Assert.Contains("size=12", upload.Extra!);
    }

    [Fact]
    public async Task A_source_that_comes_late_to_a_full_pipe_and_a_long_log_tells_each_upload_once()
    {
        const int uploads = 8_000;
        var log = Path.Combine(_fifo.Folder, "altlog");
        var session = TestScoreboard.Session();
        FileStream holder;
        await using (var source = Running.Start(Source(log)))
        {
            await source.State("reading");
            _scoreboard.Write(session);
            await Stored(1);
            holder = new FileStream(_fifo.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }
        await using (holder)
        {
            var path = Path.Combine(_fifo.Folder, "up.bin");
            await File.WriteAllBytesAsync(path, new byte[12]);
            var line = AltlogClf.Encode(new AltlogLine { EndedAt = TestScoreboard.Now, IsUpload = true, Account = "alice", Host = "192.0.2.1", Bytes = 12, Path = path });
            var last = AltlogClf.Encode(new AltlogLine { EndedAt = TestScoreboard.Now, IsUpload = false, Account = "bob", Host = "192.0.2.1", Bytes = 12, Path = path });
            // One reading of the log is a part of these.
            await File.WriteAllBytesAsync(log, [.. Enumerable.Repeat(line, uploads).Append(last).SelectMany(l => l)]);
            Assert.True(new FileInfo(log).Length > 512 * 1024);
            for (var i = 0; i < uploads; i++)
                _fifo.Write(path);
            _scoreboard.Remove(session.Pid);
            // The hold is over at once.
            await using var source = Running.Start(Source(log, TimeSpan.FromMilliseconds(10)));
            await Eventually.True(() => _spool.Events.Any(e => e.Kind == EventKind.Download), () => $"the log was not read, {_spool.Events.Count} events");
        }
        var events = _spool.Events.Where(e => e.User == "alice").Select(e => e.Kind).ToList();
        Assert.Equal([EventKind.Login, .. Enumerable.Repeat(EventKind.Upload, uploads), EventKind.Logout], events);
    }

    [Fact]
    public async Task The_next_source_goes_on_where_the_last_one_stood()
    {
        var session = TestScoreboard.Session();
        await using (var source = Running.Start(Source()))
        {
            await source.State("reading");
            await Stored(0);
            _scoreboard.Write(session);
            await Stored(1);
        }
        await using (var source = Running.Start(Source()))
        {
            await source.State("reading");
            _fifo.Write("/a");
            await Stored(2);
        }
        _scoreboard.Remove(session.Pid);
        await using var last = Running.Start(Source());
        await Stored(3);
        Assert.Equal(["login alice", "upload /a - unknown", "logout unknown"], _spool.Events.Select(TrackerPlay.TextOf));
    }

    [Fact]
    public async Task The_scoreboard_is_read_while_the_pipe_is_in_trouble_and_both_are_said()
    {
        await File.WriteAllTextAsync(_fifo.Path, "");
        File.WriteAllBytes(Path.Combine(_scoreboard.Folder, "client-00000009"), new byte[3]);
        var source = Source();
        await using var running = Running.Start(source);
        await running.State("waiting");
        await Stored(0);
        _scoreboard.Write(TestScoreboard.Session());
        await Stored(1);
        Assert.Contains("is not a pipe", source.Status.Trouble!, StringComparison.Ordinal);
        Assert.Contains(source.Status.Warnings, w => w.Contains("client-00000009", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_bytes_in_the_folder_stop_the_source()
    {
        var random = new Random(3);
        await using var source = Running.Start(Source(poll: TimeSpan.FromMilliseconds(10)));
        await source.State("reading");
        var good = TestScoreboard.Session().Encode(ScoreboardLayout.Debian);
        for (var i = 0; i < 300; i++)
        {
            var bytes = random.Next(3) == 0 ? new byte[random.Next(4000)] : good.ToArray();
            for (var change = random.Next(8); change > 0 && bytes.Length > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var path = Path.Combine(_scoreboard.Folder, $"client-{(random.Next(2) == 0 ? Environment.ProcessId : random.Next(1, 40)):D8}");
            if (random.Next(4) == 0)
                File.Delete(path);
            else
                await File.WriteAllBytesAsync(path, bytes);
        }
        _fifo.Write("/still/alive");
        await Eventually.True(() => _spool.Texts.Contains("/still/alive"), () => "the source stopped");
    }

    /// <summary>So many events are stored, and at least one look was.</summary>
    private Task Stored(int events) => Eventually.True(
        () => _spool.Appends > 0 && _spool.Events.Count == events, () => $"{events} events expected: {string.Join(", ", _spool.Events.Select(TrackerPlay.TextOf))}");

    /// <summary>Whether this process, the source that is, has the file open.</summary>
    private static bool IsOpen(string path) => Directory.GetFiles("/proc/self/fd").Any(fd => new FileInfo(fd).LinkTarget == path);

    private PureFtpdSource Source(string? altlog = null, TimeSpan? poll = null) => new(
        _fifo.Options with { Scoreboard = _scoreboard.Folder, Altlog = altlog, Poll = poll ?? TimeSpan.FromSeconds(1) }, _spool, TestStreams.Materializer, TimeProvider.System);
}
