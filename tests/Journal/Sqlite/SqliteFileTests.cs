using System.Diagnostics;
using System.Globalization;

namespace FtpActors.Journal.Tests.Sqlite;

/// <summary>What happens to the file: other owners, damage, other versions, sudden death.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly DataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task only_the_owner_can_read_the_files()
    {
        await using var journal = await _folder.OpenAsync();
        await journal.AppendAsync(TestEvents.Batch(TestEvents.Make(1)));

        var files = Directory.GetFiles(_folder.Path, "journal.*");
        Assert.Contains(_folder.File, files);
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public async Task a_second_owner_is_refused_and_told_who_the_first_is()
    {
        await using var journal = await _folder.OpenAsync();

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => _folder.OpenAsync());

        Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}.", e.Message, StringComparison.Ordinal);
        await journal.AppendAsync(TestEvents.Batch(TestEvents.Make(1)));
    }

    [Fact]
    public async Task another_number_of_shards_is_refused()
    {
        await (await _folder.OpenAsync(shards: 4)).DisposeAsync();

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => _folder.OpenAsync(shards: 8));

        Assert.Contains("made with 4 shards", e.Message, StringComparison.Ordinal);
        await (await _folder.OpenAsync(shards: 4)).DisposeAsync();
    }

    [Fact]
    public async Task a_journal_of_a_newer_version_is_refused_and_not_touched()
    {
        await (await _folder.OpenAsync()).DisposeAsync();
        // user_version is the big-endian number at offset 60: https://www.sqlite.org/fileformat2.html#the_database_header
        var bytes = await File.ReadAllBytesAsync(_folder.File);
        bytes[63] = 99;
        await File.WriteAllBytesAsync(_folder.File, bytes);

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => _folder.OpenAsync());

        Assert.Contains("version 99", e.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_folder.File));
    }

    [Fact]
    public async Task a_file_that_is_not_a_database_is_refused_and_kept()
    {
        await File.WriteAllTextAsync(_folder.File, string.Concat(Enumerable.Repeat("not a database ", 1000)));
        var before = await File.ReadAllBytesAsync(_folder.File);

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => _folder.OpenAsync());

        Assert.Contains(_folder.File, e.Message, StringComparison.Ordinal);
        Assert.Contains(".recover", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.File));
    }

    [Fact]
    public async Task damage_inside_the_file_stops_every_writer_with_the_same_words()
    {
        await using (var journal = await _folder.OpenAsync())
            await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 2000)));
        // The page of the schema and the small tables at the front stay whole, the events behind them do not.
        await using (var file = new FileStream(_folder.File, FileMode.Open, FileAccess.Write))
        {
            file.Position = 25 * 8192;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, (int)(file.Length - file.Position)).ToArray());
        }

        var e = await Assert.ThrowsAsync<JournalUnusableException>(async () =>
        {
            await using var journal = await _folder.OpenAsync();
            for (var i = 0; i < 100; i++)
                await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 100)));
        });

        Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_journal_closed_in_order_leaves_one_file_whole_and_no_log()
    {
        await using (var journal = await _folder.OpenAsync())
        {
            await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 100)));
            Assert.Equal(100, (await journal.ReadAllAsync(journal.SpoolId)).Count);
        }

        Assert.False(File.Exists(_folder.File + "-wal"));
        await using var again = await _folder.OpenAsync();
        Assert.Equal(100, (await again.ReadAllAsync(again.SpoolId)).Count);
    }

    [Fact]
    public async Task everything_acknowledged_is_there_after_the_process_was_killed()
    {
        for (var round = 0; round < 3; round++)
        {
            var acknowledged = await AppendAndKillAsync(answers: 20 + round * 37);

            await using var journal = await _folder.OpenAsync();
            var stored = await journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();
            Assert.True(stored.Count >= acknowledged, $"{acknowledged} events were acknowledged, {stored.Count} are there.");
            Assert.Equal(0, stored.Count % 50);
            Assert.Equal(Enumerable.Range(1, stored.Count).Select(i => (long)i), stored.Select(s => s.Seq));
        }
    }

    private async Task<long> AppendAndKillAsync(int answers)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, _folder.Path]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        var acknowledged = 0L;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            for (var i = 0; i < answers; i++)
            {
                var line = await child.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("The child ended by itself.");
                acknowledged = long.Parse(line, CultureInfo.InvariantCulture);
            }
        }
        finally
        {
            // SIGKILL: nothing in the child can react to it.
            child.Kill();
            await child.WaitForExitAsync();
        }
        return acknowledged;
    }
}
