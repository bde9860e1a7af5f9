using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FtpActors.Node.Bench;

/// <summary>A node as a process of its own.</summary>
internal sealed class BenchNode : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private BenchNode(Process process, Uri url) => (_process, _http) = (process, new HttpClient { BaseAddress = url });

    /// <summary>Resident bytes (VmRSS).</summary>
    public long Resident => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture) * 1024;

    /// <summary>Time of processors that it has used.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts one in a folder, by a configuration that asks for any free port; returns when its API answers.</summary>
    public static async Task<BenchNode> StartAsync(string folder, object configuration, CancellationToken cancel)
    {
        var file = Path.Combine(folder, "bench.conf");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(configuration), cancel);
        // This program again: a file of its own, or one that dotnet runs.
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true };
        string[] own = Path.GetFileName(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        foreach (var argument in (string[])[.. own, "run", "--config", file])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        return new BenchNode(process, await ReadUrlAsync(process, cancel));
    }

    /// <summary>Starts one that reads a queue, with all else as it is by default.</summary>
    public static Task<BenchNode> StartAsync(string folder, BenchQueue queue, CancellationToken cancel, string take = "safe") => StartAsync(
        folder, new
        {
            node = new { name = "bench", listen = "127.0.0.1:0", data = "data" },
            sources = new[] { new { name = "bench", kind = "ncftpd-mqueue", key = queue.Key.ToString(), take } },
        }, cancel);

    /// <summary>One object of its API.</summary>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancel) =>
        JsonSerializer.Deserialize<JsonElement>(await _http.GetStringAsync(new Uri(path, UriKind.Relative), cancel));

    /// <summary>Reads an answer to its end.</summary>
    public async Task ReadAsync(string path, CancellationToken cancel) => await _http.GetStringAsync(new Uri(path, UriKind.Relative), cancel);

    /// <summary>Reads a stream that does not end.</summary>
    public async Task FollowAsync(string path, CancellationToken cancel)
    {
        await using var stream = await _http.GetStreamAsync(new Uri(path, UriKind.Relative), cancel);
        await stream.CopyToAsync(Stream.Null, cancel);
    }

    /// <summary>kill -9.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _http.Dispose();
    }

    // The node was asked for any free port; its log says which one it got.
    private static async Task<Uri> ReadUrlAsync(Process node, CancellationToken cancel)
    {
        while (await node.StandardError.ReadLineAsync(cancel) is { } line)
        {
            var at = line.IndexOf("http://", StringComparison.Ordinal);
            if (at >= 0)
            {
                // Read on, or the node would stop at a full pipe.
                _ = node.StandardError.ReadToEndAsync(cancel);
                return new Uri(line[at..].Split([' ', ',', ';'])[0]);
            }
        }
        throw new InvalidOperationException("The node ended before it was ready.");
    }
}
