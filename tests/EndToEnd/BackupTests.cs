using System.Formats.Tar;
using System.Text.Json;

namespace FtpActors.EndToEnd.Tests;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_that_is_started_on_a_backup_of_a_running_one_goes_on_from_its_moment_and_counts_everything_once()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "2000", "--seed", "5", "--rate", "4000");
        await Until.TrueAsync("some events", async () => (await node.GetAsync("/api/v1/status")).GetProperty("events").GetInt64() > 5000);
        var backup = _folder["backup.tar"];
        var (code, _, errors) = await Program.RunAsync("", "backup", "--to", backup, "--data", node.Data);
        Assert.True(code == 0, errors);
        Assert.Equal(0, await simulation.ExitAsync());
        (code, var output, _) = await Program.RunAsync("", "journal", "check", "--data", node.Data);
        Assert.True(code == 0, output);

        Directory.CreateDirectory(_folder["restored"]);
        await TarFile.ExtractToDirectoryAsync(backup, _folder["restored"], overwriteFiles: false);
        await using var restored = new TestNode(data: _folder["restored"]);
        await restored.StartAsync();
        await Until.TrueAsync("it has applied what it has", async () => (await restored.GetAsync("/api/v1/status")).GetProperty("waiting").GetInt64() == 0);
        var had = (await restored.GetAsync("/api/v1/status")).GetProperty("events").GetInt64();
        Assert.True(had > 5000, $"{had}");
        // Every session is what its events say, and the node goes on.
        (code, output, _) = await Program.RunAsync("", "rebuild", "--node", restored.Url, "--format", "json");
        Assert.True(code == 0, output);
        Assert.Equal(had, JsonSerializer.Deserialize<JsonElement>(output.Split('\n')[0]).GetProperty("events").GetInt64());
        await using var more = Program.Start("simulate", "--to", $"mqueue:{restored.Key}", "--sessions", "50", "--seed", "6", "--rate", "0");
        Assert.Equal(0, await more.ExitAsync());
        var (_, _, distinct) = Totals.OfSimulation(more.Output);
        await restored.AppliedAsync(had + distinct);
        Assert.Equal(had + distinct, (await restored.GetAsync("/api/v1/status")).GetProperty("events").GetInt64());
        Assert.Equal(0, (await Program.RunAsync("", "rebuild", "--node", restored.Url)).Code);
    }
}
