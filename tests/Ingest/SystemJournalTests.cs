using System.Diagnostics;
using System.Globalization;
using System.Text;
using FtpActors.Ingest.OpenSsh;

namespace FtpActors.Ingest.Tests;

/// <summary>The journal of systemd, in real files that systemd-journal-remote writes.</summary>
public sealed class SystemJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-journal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_entries_are_lines_of_syslog_and_it_goes_on_where_it_stood()
    {
        Write("system", Entry(1, "sshd", 10, "one"), Entry(2, "cron", 11, "not ours"), Entry(3, "internal-sftp", 12, "two\nlines"));
        using (var first = SystemJournal.Open(_folder, ""))
        {
            Assert.Equal(["sshd[10]: one", "internal-sftp[12]: two\nlines"], Lines(first));
            Assert.Empty(Lines(first));
            Write("system@2", Entry(4, "sshd", 10, "three"));
            Assert.Equal(["sshd[10]: three"], LinesSoon(first, 1));
            Write("system@3", Entry(5, "sshd", 10, "four"));
            using var second = SystemJournal.Open(_folder, first.Place);
            Assert.Equal(["sshd[10]: four"], Lines(second));
        }
    }

    [Fact]
    public void At_first_it_begins_at_the_end_and_an_end_without_an_entry_is_a_place_too()
    {
        Write("system", Entry(1, "cron", 10, "not ours"));
        using (var journal = SystemJournal.Open(_folder, null))
            Assert.Equal("", journal.Place);
        Write("system@2", Entry(2, "sshd", 10, "old"));
        using (var journal = SystemJournal.Open(_folder, null))
        {
            Assert.Empty(Lines(journal));
            Write("system@3", Entry(3, "sshd", 10, "new"));
            Assert.Equal(["sshd[10]: new"], LinesSoon(journal, 1));
        }
        using (var journal = SystemJournal.Open(_folder, ""))
            Assert.Equal(["sshd[10]: old", "sshd[10]: new"], Lines(journal));
    }

    [Fact]
    public void A_file_that_is_seen_late_loses_no_entry_and_none_comes_twice()
    {
        Write("system", Entry(1, "sshd", 10, "one"), Entry(3, "sshd", 10, "three"));
        using var journal = SystemJournal.Open(_folder, "");
        Assert.Equal(2, Lines(journal).Count);
        var place = journal.Place;
        // As that of a user who logs in for the first time: its entry is older than the last that was given.
        Write("user-1901", Entry(2, "internal-sftp", 12, "two"));
        Assert.Equal(["internal-sftp[12]: two"], LinesSoon(journal, 1));
        Assert.Empty(Lines(journal));
        Assert.Equal(place, journal.Place);
    }

    [Fact]
    public void Where_the_place_was_thrown_away_it_goes_on_with_what_came_later()
    {
        var old = Write("system@1", Entry(1, "sshd", 10, "one"), Entry(2, "sshd", 10, "two"));
        string? place;
        using (var journal = SystemJournal.Open(_folder, ""))
        {
            Assert.Equal(2, Lines(journal).Count);
            place = journal.Place;
        }
        Write("system", Entry(3, "sshd", 10, "three"), Entry(4, "sshd", 10, "four"));
        File.Delete(old);
        using (var journal = SystemJournal.Open(_folder, place))
            Assert.Equal(["sshd[10]: three", "sshd[10]: four"], Lines(journal));
    }

    [Fact]
    public void Much_is_given_in_steps()
    {
        Write("system", [.. Enumerable.Range(1, 2500).Select(i => Entry(i, "sshd", 10, string.Create(CultureInfo.InvariantCulture, $"{i}")))]);
        using var journal = SystemJournal.Open(_folder, "");
        var steps = new List<int>();
        do
            steps.Add(journal.Read().Count);
        while (journal.HasMore);
        Assert.Equal(2500, steps.Sum());
    }

    [Fact]
    public void Much_that_comes_with_a_file_that_is_seen_late_is_given_in_steps_too()
    {
        Write("system", Entry(1, "sshd", 10, "one"), Entry(3, "sshd", 10, "three"));
        using var journal = SystemJournal.Open(_folder, "");
        Assert.Equal(2, Lines(journal).Count);
        Write("user-1901", [.. Enumerable.Range(2, 2500).Where(i => i != 3).Select(i => Entry(i, "sshd", 10, string.Create(CultureInfo.InvariantCulture, $"{i}")))]);
        var lines = LinesSoon(journal, 1);
        var steps = new List<int> { lines.Count };
        while (journal.HasMore)
            steps.Add(journal.Read().Count);
        Assert.Equal("sshd[10]: 2", lines[0]);
        Assert.Equal(2499, steps.Sum());
        Assert.InRange(steps.Max(), 1, 1000);
    }

    [Fact]
    public void A_folder_without_a_journal_is_told() =>
        Assert.Contains("There is no journal in", Assert.Throws<IOException>(() => SystemJournal.Open(_folder, null)).Message, StringComparison.Ordinal);

    private static List<string> Lines(SystemJournal journal) => [.. journal.Read().Select(Encoding.UTF8.GetString)];

    // The kernel tells of a new file a moment later.
    private static List<string> LinesSoon(SystemJournal journal, int count)
    {
        var (lines, started) = (Lines(journal), Stopwatch.GetTimestamp());
        while (lines.Count < count && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
        {
            journal.Wait(TimeSpan.FromMilliseconds(100));
            lines.AddRange(Lines(journal));
        }
        return lines;
    }

    private static string Entry(int second, string program, int pid, string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        // A text with a line feed is written with its length (systemd's export format).
        var text = message.Contains('\n', StringComparison.Ordinal)
            ? $"MESSAGE\n{Encoding.Latin1.GetString(BitConverter.GetBytes((long)bytes.Length))}{message}"
            : $"MESSAGE={message}";
        return string.Create(CultureInfo.InvariantCulture,
            $"__REALTIME_TIMESTAMP={1_800_000_000_000_000 + second}\n__MONOTONIC_TIMESTAMP={second}\n_BOOT_ID=11111111111111111111111111111111\nSYSLOG_IDENTIFIER={program}\nSYSLOG_PID=1\n_PID={pid}\n{text}\n\n");
    }

    private string Write(string name, params string[] entries)
    {
        var (input, file) = (Path.Combine(_folder, "input"), Path.Combine(_folder, $"{name}.journal"));
        File.WriteAllBytes(input, Encoding.Latin1.GetBytes(string.Concat(entries)));
        var outside = Directory.CreateDirectory(_folder + "-made").FullName;
        using var remote = Process.Start(new ProcessStartInfo("/lib/systemd/systemd-journal-remote", ["-o", Path.Combine(outside, "made.journal"), input]) { RedirectStandardError = true })!;
        var errors = remote.StandardError.ReadToEnd();
        remote.WaitForExit();
        Assert.True(remote.ExitCode == 0, errors);
        File.Move(Path.Combine(outside, "made.journal"), file);
        Directory.Delete(outside, recursive: true);
        return file;
    }
}
