using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Node.Bench;

/// <summary>Memory of a whole node, a process of its own, with many sessions open at once.</summary>
internal static class OpenSessions
{
    /// <summary>Resident bytes (VmRSS) once all sessions are committed.</summary>
    public static async Task<long> ResidentAsync(string folder, int sessions, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        var config = Path.Combine(folder, "bench.conf");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new
        {
            node = new { name = "bench", listen = "127.0.0.1:0", data = "data" },
            sources = new[] { new { name = "bench", kind = "ncftpd-mqueue", key = queue.Key.ToString() } },
        }), cancel);

        using var node = StartNode(config);
        try
        {
            var url = await ReadUrlAsync(node, cancel);
            await queue.SendAll([.. Enumerable.Range(0, sessions).Select(Login)], cancel);
            using var http = new HttpClient { BaseAddress = url };
            while (!await IsDoneAsync(http, sessions, cancel))
                await Task.Delay(100, cancel);
            return ReadResident(node.Id);
        }
        finally
        {
            node.Kill();
            await node.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> IsDoneAsync(HttpClient http, int sessions, CancellationToken cancel)
    {
        var status = JsonSerializer.Deserialize<JsonElement>(await http.GetStringAsync(new Uri("/api/status", UriKind.Relative), cancel));
        return status.GetProperty("open_sessions").GetInt64() >= sessions && status.GetProperty("waiting").GetInt64() == 0;
    }

    private static Process StartNode(string config)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true };
        foreach (var argument in (string[])[typeof(OpenSessions).Assembly.Location, "run", "--config", config])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
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

    private static long ReadResident(int pid) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture) * 1024;

    private static byte[] Login(int i) => NcFtpdEncoder.Encode(new NcFtpdMessage
    {
        Type = "LOGIN", User = $"user{i % 5000:D4}", Email = "", Host1 = "ftp.example.org", Host2 = $"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}",
    });
}
