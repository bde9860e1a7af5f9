using System.Security.Cryptography;
using System.Text;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;

namespace FtpActors.Ingest.Tests;

/// <summary>A key of its own, a folder for the witness, and whatever queue has the key at the end removed.</summary>
internal sealed class TestQueue : IDisposable
{
    public TestQueue()
    {
        do
            Key = QueueKey.Parse($"0x{RandomNumberGenerator.GetInt32(1, int.MaxValue):X}");
        while (SystemVQueue.TryOpen(Key) is not null);
        Folder = Directory.CreateTempSubdirectory("ftpactors-ingest-").FullName;
    }

    public QueueKey Key { get; }

    public string Folder { get; }

    public SystemVQueue Open() => SystemVQueue.OpenOrCreate(Key, 0b110_000_000);

    public void Send(params string[] texts)
    {
        var queue = Open();
        foreach (var text in texts)
            queue.Send(1, Encoding.Latin1.GetBytes(text), CancellationToken.None);
    }

    public NcFtpdQueueOptions Options(QueueTake take = QueueTake.Safe) =>
        new() { Name = "ftp", Key = Key, Take = take, DataFolder = Folder, QueueBytes = 65536 };

    public NcFtpdQueueSource Source(TestSpool spool, QueueTake take = QueueTake.Safe) =>
        new(Options(take), spool, new TextDecoder(), TestStreams.Materializer, TimeProvider.System);

    public void Dispose()
    {
        SystemVQueue.TryOpen(Key)?.Remove();
        Directory.Delete(Folder, recursive: true);
    }
}
