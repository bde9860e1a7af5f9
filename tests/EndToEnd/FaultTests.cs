using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FtpActors.Ingest.Linux;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A clear error each, nothing lost, and the node goes on where it can.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task A_full_disk_stops_reading_and_loses_nothing()
    {
        using var disk = new SmallDisk(megabytes: 12);
        await using var node = new TestNode(data: Path.Combine(disk.Path, "data"));
        await node.StartAsync();
        File.WriteAllBytes(Path.Combine(disk.Path, "ballast"), new byte[5 << 20]);
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "1200", "--seed", "11");

        await Until.TrueAsync("the source says that the disk is full", async () =>
        {
            var source = await node.SourceAsync("queue");
            return source.GetProperty("state").GetString() == "waiting" && source.GetProperty("trouble").GetString()!.Contains("space", StringComparison.OrdinalIgnoreCase);
        });
        disk.Grow(megabytes: 200);

        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);
        await node.AppliedAsync(distinct);
        Assert.Equal(sent, await node.TotalsAsync());
    }

    [Fact]
    public async Task A_read_only_folder_is_an_error_that_names_it()
    {
        using var disk = new SmallDisk(megabytes: 4);
        disk.MakeReadOnly();
        await using var node = new TestNode(data: Path.Combine(disk.Path, "data"));
        var (code, errors) = await FailToStartAsync(node);
        Assert.Equal(1, code);
        Assert.Contains(disk.Path, errors, StringComparison.Ordinal);
        Assert.Contains("read-only", errors, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_corrupt_journal_is_an_error_that_names_the_file_and_touches_nothing()
    {
        await using var node = new TestNode();
        Directory.CreateDirectory(node.Data);
        var file = Path.Combine(node.Data, "journal.db");
        var rubbish = new byte[8192];
        new Random(1).NextBytes(rubbish);
        await File.WriteAllBytesAsync(file, rubbish);
        var (code, errors) = await FailToStartAsync(node);
        Assert.Equal(1, code);
        Assert.Contains(file, errors, StringComparison.Ordinal);
        Assert.Equal(rubbish, await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task A_second_node_on_the_same_folder_is_refused_and_the_first_goes_on()
    {
        await using var first = new TestNode();
        await first.StartAsync();
        await using var second = new TestNode(data: first.Data);
        var (code, errors) = await FailToStartAsync(second);
        Assert.Equal(1, code);
        Assert.Contains(first.Data, errors, StringComparison.Ordinal);
        Assert.Contains(first.Process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), errors, StringComparison.Ordinal);
        Assert.True((await first.GetAsync("/api/v1/status")).GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task A_taken_API_port_is_an_error_that_names_the_address()
    {
        await using var node = new TestNode();
        using var other = new TcpListener(IPEndPoint.Parse(node.Listen));
        other.Start();
        var (code, errors) = await FailToStartAsync(node);
        Assert.Equal(1, code);
        Assert.Contains(node.Listen, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_UDP_port_is_reported_and_the_queue_is_read_all_the_same()
    {
        await using var node = new TestNode();
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(IPEndPoint.Parse(node.Udp));
        await node.StartAsync();
        await Until.TrueAsync("the UDP source waits", async () => (await node.SourceAsync("udp")).GetProperty("state").GetString() == "waiting");
        Assert.Contains(node.Udp, (await node.SourceAsync("udp")).GetProperty("trouble").GetString(), StringComparison.Ordinal);

        var (code, output, _) = await Program.RunAsync("", "simulate", "--to", $"mqueue:{node.Key}", "--sessions", "20", "--seed", "1");
        Assert.Equal(0, code);
        await node.AppliedAsync(Totals.OfSimulation(output).Distinct);

        other.Dispose();
        await Until.TrueAsync("the UDP source reads", async () => (await node.SourceAsync("udp")).GetProperty("state").GetString() == "reading");
    }

    [Fact]
    public async Task A_foreign_queue_without_permission_is_reported_with_its_owner_and_mode_and_the_node_goes_on()
    {
        await using var node = new TestNode(data: "/tmp/ftpactors-nobody-" + Guid.NewGuid().ToString("N"));
        SystemVQueue.OpenOrCreate(node.Key, 0x180);
        try
        {
            // Root may read any queue; nobody may not.
            await using var program = Program.StartAs(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], "run", "--config", OpenToAll(node.Config));
            await Until.TrueAsync("the source waits", async () => await IsListening(node)
                && (await node.SourceAsync("queue")).GetProperty("state").GetString() == "waiting");
            var trouble = (await node.SourceAsync("queue")).GetProperty("trouble").GetString()!;
            Assert.Contains(node.Key.ToString(), trouble, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("600", trouble, StringComparison.Ordinal);
            Assert.Equal("reading", (await node.SourceAsync("udp")).GetProperty("state").GetString());
        }
        finally
        {
            if (Directory.Exists(node.Data))
                Directory.Delete(node.Data, recursive: true);
        }
    }

    private static async Task<(int Code, string Errors)> FailToStartAsync(TestNode node)
    {
        await using var program = Program.Start("run", "--config", node.Config);
        var code = await program.ExitAsync();
        Assert.DoesNotContain("   at ", program.Errors, StringComparison.Ordinal);
        return (code, program.Errors);
    }

    private static async Task<bool> IsListening(TestNode node)
    {
        try
        {
            return (await node.GetAsync("/api/v1/status")).GetProperty("sources").GetArrayLength() == 2;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string OpenToAll(string config)
    {
        const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Path.GetDirectoryName(config)!, all);
        return config;
    }
}

/// <summary>A tmpfs of a size of its own.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(int megabytes) => Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", Path);

    public string Path { get; } = Directory.CreateTempSubdirectory("ftpactors-disk-").FullName;

    public void Grow(int megabytes) => Run("mount", "-o", $"remount,size={megabytes}m", Path);

    public void MakeReadOnly() => Run("mount", "-o", "remount,ro", Path);

    public void Dispose()
    {
        Run("umount", "--lazy", Path);
        Directory.Delete(Path);
    }

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{command}: {errors}");
    }
}
