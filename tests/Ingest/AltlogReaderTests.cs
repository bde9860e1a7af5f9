using System.Text;
using FtpActors.Ingest.PureFtpd;

namespace FtpActors.Ingest.Tests;

public sealed class AltlogReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-altlog-").FullName;
    private AltlogReader? _reader;

    private string Log => Path.Combine(_folder, "altlog");

    public void Dispose()
    {
        _reader?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Old_lines_of_a_log_that_was_never_read_are_left_and_all_later_ones_are_read_once()
    {
        Append("old\n");
        Assert.Empty(Read());
        Append("a\nb");
        Assert.Equal(["a\n"], Read());
        Append("c\n");
        Assert.Equal(["bc\n"], Read());
        Assert.Empty(Read());
    }

    [Fact]
    public void A_log_that_comes_later_is_read_from_its_start()
    {
        Assert.Empty(Read());
        Append("a\n");
        Assert.Equal(["a\n"], Read());
    }

    [Fact]
    public void After_a_rename_both_files_are_read_because_the_server_writes_on_into_the_old_one()
    {
        Read();
        Append("a\n");
        Assert.Equal(["a\n"], Read());
        using var server = new StreamWriter(new FileStream(Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
        File.Move(Log, Log + ".1");
        Write(server, "b\n");
        Assert.Equal(["b\n"], Read());
        Append("c\n");
        Write(server, "d\n");
        Assert.Equal(["d\n", "c\n"], Read());
        // Also by a node that was not there: the files are known by what they are.
        Restart();
        Write(server, "e\n");
        Append("f\n");
        File.Move(Log, Log + ".2");
        Append("g\n");
        Assert.Equal(["f\n", "g\n"], Read().Where(line => line != "e\n"));
    }

    [Fact]
    public void A_log_that_was_copied_and_cut_is_read_from_its_start_also_when_it_has_grown_past_the_old_place()
    {
        Read();
        Append("aaaa\nbbbb\n");
        Assert.Equal(2, Read().Count);
        File.WriteAllText(Log, "");
        Append("c\n");
        Assert.Equal(["c\n"], Read());
        File.WriteAllText(Log, "dddd\neeee\n");
        Restart();
        Assert.Equal(["dddd\n", "eeee\n"], Read());
    }

    [Fact]
    public void Every_way_to_cut_what_is_written_gives_the_same_lines()
    {
        Read();
        var random = new Random(7);
        var lines = Enumerable.Range(0, 200).Select(i => $"{i} {new string('x', random.Next(300))}\n").ToList();
        var all = Encoding.UTF8.GetBytes(string.Concat(lines));
        var seen = new List<string>();
        for (var at = 0; at < all.Length;)
        {
            var n = Math.Min(random.Next(1, 700), all.Length - at);
            using (var file = new FileStream(Log, FileMode.Append))
                file.Write(all, at, n);
            at += n;
            if (random.Next(3) == 0)
                seen.AddRange(Read());
            if (random.Next(10) == 0)
                Restart();
        }
        seen.AddRange(Read());
        Assert.Equal(lines, seen);
    }

    [Fact]
    public void Bytes_without_an_end_of_line_are_cut_and_do_not_stop_the_reading()
    {
        Read();
        Append(new string('x', AltlogReader.LongestLine + 10) + "\nnext\n");
        Assert.Equal([AltlogReader.LongestLine, 11, 5], Read().Select(line => line.Length));
    }

    private void Append(string text) => File.AppendAllText(Log, text);

    private static void Write(StreamWriter server, string text)
    {
        server.Write(text);
        server.Flush();
    }

    private List<string> Read() => [.. (_reader ??= new AltlogReader(Log, null)).Read().Select(Encoding.UTF8.GetString)];

    private void Restart()
    {
        var places = _reader!.Places;
        _reader.Dispose();
        _reader = new AltlogReader(Log, PureFtpdState.Decode(new PureFtpdState { Altlog = places }.Encode()).Altlog);
    }
}
