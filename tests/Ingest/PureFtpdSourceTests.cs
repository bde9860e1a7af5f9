using System.Runtime.Versioning;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

[SupportedOSPlatform("linux")]
public sealed class PureFtpdSourceTests
{
    [Fact]
    public async Task Uploads_are_stored_in_order_with_what_the_file_system_says_of_them()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        await using var source = Running.Start(fifo.Source(spool));
        await source.State("reading");
        var name = Path.Combine(fifo.Folder, "a b");
        await File.WriteAllTextAsync(name, "12345");
        fifo.Write(name, fifo.Folder + "/gone", fifo.Folder);
        await Eventually.True(() => spool.Texts.Count == 3, () => $"{spool.Texts.Count} events");

        var e = spool.Events[0];
        Assert.Equal((EventKind.Upload, EventStatus.Unknown, "alice", name, "ftp1", "pure"), (e.Kind, e.Status, e.User, e.Path, e.Host, e.Source));
        Assert.Null(e.Bytes);
        Assert.Contains("size=5", e.Extra!);
        Assert.Contains($"uid={fifo.Options.Owner}", e.Extra!);
        Assert.Equal(["file=gone"], spool.Events[1].Extra!);
        Assert.Equal(["file=not regular"], spool.Events[2].Extra!);
    }

    [Fact]
    public async Task A_server_may_open_the_pipe_before_there_is_one_reader_more_and_stop_and_come_back()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        await using var source = Running.Start(fifo.Source(spool));
        await source.State("reading");
        // Opening for writing only returns at once: it is held for reading.
        fifo.Write("/a");
        fifo.Release();
        fifo.Write("/b");
        await Eventually.True(() => spool.Texts.Count == 2, () => $"{spool.Texts.Count} events");
        Assert.Equal(["/a", "/b"], spool.Texts);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(fifo.Path));
    }

    [Fact]
    public async Task A_record_in_parts_is_read_when_it_is_whole_and_damage_goes_to_quarantine_whole()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        await using var source = Running.Start(fifo.Source(spool));
        await source.State("reading");
        var record = UploadPipe.Encode(new UploadRecord("alice", "/" + new string('p', 4000)));
        fifo.Write(record[..10]);
        fifo.Write(record[10..]);
        fifo.Write("\u0002alice\u0001/a\nb\0"u8.ToArray());
        fifo.Write("/z");
        await Eventually.True(() => spool.Texts.Count == 2, () => $"{spool.Texts.Count} events");
        Assert.Equal(4001, spool.Texts[0].Length);
        Assert.Equal("/z", spool.Texts[1]);
        Assert.Equal("\u0002alice\u0001/a\nb\0"u8.ToArray(), Assert.Single(spool.Quarantined).Bytes);
    }

    [Fact]
    public async Task While_the_spool_fails_records_stay_in_the_pipe_and_a_stop_loses_none()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool { IsFull = true };
        using (fifo.Open())
        {
            await using (var source = Running.Start(fifo.Source(spool)))
            {
                await source.State("reading");
                fifo.Write("/a", "/b");
                await source.State("waiting");
            }
            Assert.Empty(spool.Texts);
            spool.IsFull = false;
            await using var again = Running.Start(fifo.Source(spool));
            await Eventually.True(() => spool.Texts.Count == 2, () => $"{spool.Texts.Count} events");
            Assert.Equal(["/a", "/b"], spool.Texts);
        }
    }

    [Fact]
    public async Task A_stop_stores_and_acknowledges_the_batch_in_hand()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        using var open = fifo.Open();
        await using var source = Running.Start(fifo.Source(spool));
        await source.State("reading");
        spool.Hold();
        fifo.Write("/a");
        await Eventually.True(() => spool.Batches.Any(b => b.Events.Count == 1), () => "nothing was handed over");
        var stopped = source.Stop();
        await Task.WhenAny(stopped, Task.Delay(100));
        Assert.False(stopped.IsCompleted);
        Assert.NotEqual(0, open.Peek(new byte[open.Bytes]));
        spool.Release();
        await stopped;
        Assert.Equal(["/a"], spool.Texts);
        Assert.Equal(0, open.Peek(new byte[open.Bytes]));
    }

    [Fact]
    public async Task The_pipe_holds_more_than_the_kernels_default_while_nothing_is_stored()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        spool.Hold();
        await using var source = Running.Start(fifo.Source(spool));
        await source.State("reading");
        var paths = Enumerable.Range(0, 1500).Select(i => $"/{i:D5}/{new string('f', 200)}").ToArray();
        // 300 KB: with 64 KiB this would block for ever.
        await Task.Run(() => fifo.Write(paths)).WaitAsync(TimeSpan.FromSeconds(20));
        spool.Release();
        await Eventually.True(() => spool.Texts.Count == paths.Length, () => $"{spool.Texts.Count} events");
        Assert.Equal(paths, spool.Texts);
    }

    [Fact]
    public async Task A_wrong_mode_or_a_file_in_the_place_of_the_pipe_is_said_with_the_way_out()
    {
        using var fifo = new TestFifo();
        await File.WriteAllTextAsync(fifo.Path, "");
        var source = fifo.Source(new TestSpool());
        await using var running = Running.Start(source);
        await running.State("waiting");
        Assert.Contains("is not a pipe", source.Status.Trouble!, StringComparison.Ordinal);

        File.Delete(fifo.Path);
        using (fifo.Open())
            File.SetUnixFileMode(fifo.Path, (UnixFileMode)0b110_100_100);
        await Eventually.True(
            () => source.Status.Trouble?.Contains("mode 0644", StringComparison.Ordinal) == true
                && source.Status.Trouble.Contains("chmod 0600", StringComparison.Ordinal),
            () => $"{source.Status}");
        File.SetUnixFileMode(fifo.Path, (UnixFileMode)0b110_000_000);
        await running.State("reading");
    }

    [Fact]
    public async Task Another_pipe_at_the_path_is_opened_anew()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        await using var source = Running.Start(fifo.Source(spool));
        await source.State("reading");
        fifo.Write("/a");
        fifo.Release();
        await Eventually.True(() => spool.Texts.Count == 1, () => $"{spool.Texts.Count} events");
        File.Delete(fifo.Path);
        await Eventually.True(() => File.Exists(fifo.Path), () => "no pipe was made");
        fifo.Write("/b");
        await Eventually.True(() => spool.Texts.Count == 2, () => $"{spool.Texts.Count} events");
        Assert.Equal("/b", spool.Texts[1]);
    }
}
