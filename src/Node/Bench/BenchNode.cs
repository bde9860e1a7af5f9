using System.Diagnostics;
using System.Text.Json;
using FtpActors.Ingest.Linux;

namespace FtpActors.Node.Bench;

/// <summary>One node of a cluster as a process of its own, ended with the benchmark.</summary>
internal sealed class BenchNode : IAsyncDisposable
{
    private readonly Process _process;

    private BenchNode(Process process) => _process = process;

    /// <summary>Starts a node that owns shards, or with a queue one that reads it.</summary>
    public static async Task<BenchNode> StartAsync(string folder, string name, string connection, QueueKey? queue, CancellationToken cancel)
    {
        var config = await WriteConfigAsync(folder, name, connection, queue, cancel);
        var start = new ProcessStartInfo("dotnet", [typeof(BenchNode).Assembly.Location, "run", "--config", config]) { RedirectStandardError = true };
        var node = new BenchNode(Process.Start(start)!);
        // Read to the end, or a full pipe would stop it.
        node._process.ErrorDataReceived += (_, _) => { };
        node._process.BeginErrorReadLine();
        return node;
    }

    /// <summary>The file of such a node.</summary>
    public static async Task<string> WriteConfigAsync(string folder, string name, string connection, QueueKey? queue, CancellationToken cancel)
    {
        var file = Path.Combine(folder, $"{name}.conf");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            node = new { name, listen = "127.0.0.1:0", data = name, roles = new[] { queue is null ? "handler" : "ingest" }, log_level = "error" },
            journal = new { kind = "postgres", connection, shards = ClusterBench.Shards },
            sources = queue is { } key ? new object[] { new { name = "bench", kind = "ncftpd-mqueue", key = key.ToString(), take = "fast" } } : [],
        }), cancel);
        return file;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }
}
