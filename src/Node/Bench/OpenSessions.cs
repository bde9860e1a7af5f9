using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Node.Bench;

/// <summary>Many sessions, open at once, of a whole node that is a process of its own.</summary>
internal static class OpenSessions
{
    /// <summary>Its resident bytes (VmRSS) once all sessions are committed, and the longest time that their sender waited: a pause of the node is one of its sender, whose queue is full.</summary>
    public static async Task<(long Resident, TimeSpan LongestPause)> RunAsync(string folder, int sessions, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        await using var node = await BenchNode.StartAsync(folder, queue, cancel);
        var pause = await queue.SendAll([.. Enumerable.Range(0, sessions).Select(Login)], cancel);
        while (!await IsDoneAsync(node, sessions, cancel))
            await Task.Delay(100, cancel);
        return (node.Resident, pause);
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
