namespace FtpActors.Journal.Tests.Sqlite;

/// <summary>A disk that is full or read-only: a real file system, small enough to fill.</summary>
public sealed class SqliteDiskTests : IDisposable
{
    private readonly DataFolder _folder = new();
    private bool _mounted;

    public void Dispose()
    {
        if (_mounted)
            Assert.True(MountFactAttribute.Run("umount", _folder.Path));
        _folder.Dispose();
    }

    [MountFact]
    public async Task a_full_disk_refuses_the_batch_loses_nothing_and_goes_on_when_there_is_space()
    {
        Mount("size=12m");
        var ballast = Path.Combine(_folder.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[6 << 20]);
        var next = 0;
        await using (var journal = await _folder.OpenAsync())
        {
            var e = await Assert.ThrowsAsync<JournalUnavailableException>(async () =>
            {
                for (; ; next += 100)
                    await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(next, 100)));
            });
            Assert.Contains(_folder.File, e.Message, StringComparison.Ordinal);
            Assert.Contains("Free space", e.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.AppendAsync(TestEvents.Batch(TestEvents.Range(next, 100))));

            File.Delete(ballast);

            Assert.Equal(next + 1, await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(next, 100))));
        }

        await using var again = await _folder.OpenAsync();
        var stored = await again.QueryEventsAsync(new EventQuery(), default).ToListAsync();
        Assert.True(next > 0);
        Assert.Equal(TestEvents.Range(0, next + 100), stored.Select(s => s.Event));
        Assert.Equal(Enumerable.Range(1, next + 100).Select(i => (long)i), stored.Select(s => s.Seq));
    }

    [MountFact]
    public async Task a_read_only_folder_is_refused_with_its_name()
    {
        Mount("size=12m");
        await (await _folder.OpenAsync()).DisposeAsync();
        Assert.True(MountFactAttribute.Run("mount", "-o", "remount,ro", _folder.Path));

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => _folder.OpenAsync());

        Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains("read-only", e.Message, StringComparison.Ordinal);
    }

    private void Mount(string options)
    {
        Assert.True(MountFactAttribute.Run("mount", "-t", "tmpfs", "-o", options, "none", _folder.Path));
        _mounted = true;
    }
}
