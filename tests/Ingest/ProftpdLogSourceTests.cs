using System.Runtime.Versioning;
using System.Text;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Proftpd;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Tests;

[SupportedOSPlatform("linux")]
public sealed class ProftpdLogSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-prolog-").FullName;
    private readonly TestSpool _spool = new();
    private int _micros;

    private string Fifo => Path.Combine(_folder, "log.fifo");
    private string Log => Path.Combine(_folder, "log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Lines_of_a_FIFO_are_stored_and_a_server_may_stop_and_come_back()
    {
        await using var source = Running.Start(Source(fifo: true));
        await source.State("reading");
        using (var server = Server())
            server.Write(Line("s1", "STOR", 226, "/a"));
        using (var server = Server())
        {
            server.Write(Line("s1", "STOR", 226, "/b").AsSpan(0, 20));
            server.Write(LastLine.AsSpan(20));
        }
        await TextsAre("/a", "/b");
        Assert.All(_spool.Events, e => Assert.Equal(("ftp1", "s1", "pro"), (e.Host, e.Session, e.Source)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Fifo));
    }

    [Fact]
    public async Task A_writer_does_not_wait_while_the_spool_is_full_and_everything_is_stored_afterwards()
    {
        await using var source = Running.Start(Source(fifo: true));
        await source.State("reading");
        _spool.IsFull = true;
        using var server = Server();
        var written = Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
                server.Write(Line("s1", "STOR", 226, $"/{i}"));
        });
        await written.WaitAsync(TimeSpan.FromSeconds(20));
        _spool.IsFull = false;
        await Eventually.True(() => _spool.Texts.Count == 2000, () => $"{_spool.Texts.Count} events");
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"/{i}"), _spool.Texts);
    }

    [Fact]
    public async Task A_stop_in_the_middle_loses_and_doubles_nothing_also_what_was_held()
    {
        using var keep = new FileStream(MakeFifo(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        for (var round = 0; round < 5; round++)
        {
            await using var source = Running.Start(Source(fifo: true));
            await source.State("reading");
            for (var i = 0; i < 20; i++)
                keep.Write(Line("s1", "STOR", 226, $"/{20 * round + i}"));
            await Eventually.True(() => _spool.Batches.Count > 0, () => "no batch");
            await source.Stop();
        }
        await using var last = Running.Start(Source(fifo: true));
        await Eventually.True(() => _spool.Texts.Count >= 100, () => $"{_spool.Texts.Count} events");
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"/{i}"), _spool.Texts);
    }

    [Fact]
    public async Task An_ABOR_right_behind_an_upload_says_that_it_is_not_whole_and_other_lines_go_to_quarantine()
    {
        await using var source = Running.Start(Source(fifo: true));
        await source.State("reading");
        using var server = Server();
        server.Write(Line("s1", "STOR", 226, "/part"));
        server.Write(Line("s1", "ABOR", 226, "-", "cancelled"));
        server.Write("a name with a\n"u8);
        await TextsAre("/part");
        Assert.Equal(EventStatus.Aborted, _spool.Events[0].Status);
        Assert.Equal("a name with a\n", Encoding.UTF8.GetString(Assert.Single(_spool.Quarantined).Bytes));
    }

    [Fact]
    public async Task A_file_is_followed_over_rotations_by_rename_and_by_copy_and_cut()
    {
        await using var source = Running.Start(Source(fifo: false));
        await source.State("reading");
        await File.AppendAllTextAsync(Log, Text("s1", "/a"));
        await TextsAre("/a");
        File.Move(Log, Log + ".1");
        await File.AppendAllTextAsync(Log + ".1", Text("s1", "/b"));
        await File.AppendAllTextAsync(Log, Text("s1", "/c"));
        await TextsAre("/a", "/b", "/c");
        File.Copy(Log, Log + ".2");
        await File.WriteAllTextAsync(Log, "");
        await File.AppendAllTextAsync(Log, Text("s1", "/d"));
        await TextsAre("/a", "/b", "/c", "/d");
    }

    [Fact]
    public async Task An_xferlog_tells_transfers_at_once()
    {
        await using var source = Running.Start(Source(fifo: false, xferlog: true));
        await source.State("reading");
        await File.AppendAllTextAsync(Log, "Sat Nov 21 00:31:51 2026 0 192.0.2.7 1000 /in/a b _ i r tester ftp 0 * c\nnonsense\n");
        await TextsAre("/in/a");
        Assert.Equal(("tester", 1000, EventStatus.Ok), (_spool.Events[0].User, _spool.Events[0].Bytes, _spool.Events[0].Status));
        Assert.Equal("nonsense\n", Encoding.UTF8.GetString(Assert.Single(_spool.Quarantined).Bytes));
    }

    [Fact]
    public async Task Something_else_at_the_path_of_the_FIFO_is_trouble_with_the_way_out()
    {
        await File.WriteAllTextAsync(Fifo, "");
        var source = Source(fifo: true);
        await using var running = Running.Start(source);
        await running.State("waiting");
        Assert.Contains("is not a pipe", source.Status.Trouble, StringComparison.Ordinal);
        File.Delete(Fifo);
        await running.State("reading");
    }

    private ProftpdLogSource Source(bool fifo, bool xferlog = false) => new(
        new ProftpdLogOptions
        {
            Name = "pro", Host = "ftp1", IsXferlog = xferlog, Fifo = fifo ? Fifo : null, File = fifo ? null : Log, DataFolder = _folder,
            Owner = FileStatus.TryRead(Encoding.UTF8.GetBytes(_folder), out _)!.Uid, Poll = TimeSpan.FromMilliseconds(20),
        },
        _spool, TestStreams.Materializer, TimeProvider.System);

    private FileStream Server() => new(Fifo, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    private string MakeFifo()
    {
        using var made = PureFtpd.UploadFifo.Open(Fifo, FileStatus.TryRead(Encoding.UTF8.GetBytes(_folder), out _)!.Uid, 1 << 20);
        return Fifo;
    }

    private byte[] LastLine { get; set; } = [];

    private byte[] Line(string session, string command, int code, string file, string status = "success") => LastLine = Encoding.UTF8.GetBytes(string.Join(
        '\t', "fa1", session, "7", "1795221709", $"{++_micros:D6}", "192.0.2.7", "5", "192.0.2.1", "21", "ftp", $"{code}", "10", "10", "0", status, "1", "100", command, "FTP", "tester", "", "tester",
        "-", file.TrimStart('/'), file, "Transfer complete") + "\n");

    private string Text(string session, string file) => Encoding.UTF8.GetString(Line(session, "STOR", 226, file));

    private Task TextsAre(params string[] texts) => Eventually.True(() => _spool.Texts.SequenceEqual(texts), () => string.Join(' ', _spool.Texts));
}
