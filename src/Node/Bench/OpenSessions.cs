using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Node.Bench;

/// <summary>Memory of a whole node, a process of its own, with many sessions open at once.</summary>
internal static class OpenSessions
{
    /// <summary>Resident bytes (VmRSS) once all sessions are committed.</summary>
    public static async Task<long> ResidentAsync(string folder, int sessions, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        await using var node = await BenchNode.StartAsync(folder, new
        {
            node = new { name = "bench", listen = "127.0.0.1:0", data = "data" },
            sources = new[] { new { name = "bench", kind = "ncftpd-mqueue", key = queue.Key.ToString() } },
        }, cancel);
        await queue.SendAll([.. Enumerable.Range(0, sessions).Select(Login)], cancel);
        while (!await IsDoneAsync(node, sessions, cancel))
            await Task.Delay(100, cancel);
        return node.Resident;
    }

    private static async Task<bool> IsDoneAsync(BenchNode node, int sessions, CancellationToken cancel)
    {
        var status = await node.GetAsync("/api/v1/status", cancel);
        return status.GetProperty("open_sessions").GetInt64() >= sessions && status.GetProperty("waiting").GetInt64() == 0;
    }

    private static byte[] Login(int i) => NcFtpdEncoder.Encode(new NcFtpdMessage
    {
        Type = "LOGIN", User = $"user{i % 5000:D4}", Email = "", Host1 = "ftp.example.org", Host2 = $"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}",
    });
}
