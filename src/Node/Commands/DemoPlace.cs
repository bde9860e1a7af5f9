using System.Security.Cryptography;
using System.Text.Json;
using FtpActors.Ingest.Linux;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Commands;

/// <summary>The demo's own queue and folder; both are removed at the end.</summary>
internal sealed class DemoPlace : IDisposable
{
    private readonly DirectoryInfo _folder;

    private DemoPlace(DirectoryInfo folder, QueueKey key) => (_folder, Key) = (folder, key);

    public QueueKey Key { get; }

    public string ConfigurationFile => Path.Combine(_folder.FullName, "demo.conf");

    public static DemoPlace Make()
    {
        var key = FreeKey();
        var place = new DemoPlace(Directory.CreateTempSubdirectory("ftpactors-demo-"), key);
        File.WriteAllText(place.ConfigurationFile, JsonSerializer.Serialize(new
        {
            node = new { name = "demo", listen = "127.0.0.1:0", data = "var" },
            sources = new[] { new { name = "ncftpd", kind = "ncftpd-mqueue", key = key.ToString() } },
        }));
        return place;
    }

    /// <summary>Waits until the node has made the queue.</summary>
    /// <exception cref="CommandException">It cannot be made.</exception>
    public async Task WaitForQueueAsync(FtpNode node, CancellationToken stop)
    {
        for (var tries = 0; node.Sources[0].State != "reading"; tries++)
        {
            if (node.Sources[0].Trouble is { } trouble)
                throw new CommandException(ExitCodes.Failed, trouble);
            if (tries == 500)
                throw new CommandException(ExitCodes.Failed, $"the queue {Key} is not being read after 10 seconds.");
            await Task.Delay(20, stop);
        }
    }

    public void Dispose()
    {
        SystemVQueue.TryOpen(Key)?.Remove();
        _folder.Delete(recursive: true);
    }

    private static QueueKey FreeKey()
    {
        while (true)
        {
            var key = QueueKey.Parse($"0x{RandomNumberGenerator.GetInt32(1, int.MaxValue):X}");
            if (SystemVQueue.TryOpen(key) is null)
                return key;
        }
    }
}
