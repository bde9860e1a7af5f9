using System.Text;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

/// <summary>An upload pipe in a folder of its own, and a writer that holds it as the server does.</summary>
internal sealed class TestFifo : IDisposable
{
    private FileStream? _server;

    public TestFifo() => Folder = Directory.CreateTempSubdirectory("ftpactors-fifo-").FullName;

    public string Folder { get; }

    public string Path => System.IO.Path.Combine(Folder, "upload.pipe");

    public PureFtpdOptions Options => new()
    {
        Name = "pure", Host = "ftp1", Pipe = Path, DataFolder = Folder, Owner = FileStatus.TryRead(Encoding.UTF8.GetBytes(Folder), out _)!.Uid,
    };

    public UploadFifo Open(int bytes = 1 << 20) => UploadFifo.Open(Path, Options.Owner, bytes);

    public PureFtpdSource Source(TestSpool spool) => new(Options, spool, TestStreams.Materializer, TimeProvider.System);

    /// <summary>Opens the pipe for writing only, as the server does; somebody must have it open for reading.</summary>
    public void Hold() => _server ??= new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public void Write(params string[] paths)
    {
        foreach (var path in paths)
            Write(UploadPipe.Encode(new UploadRecord("alice", ReversibleText.FromBytes(Encoding.UTF8.GetBytes(path)))));
    }

    public void Write(byte[] bytes)
    {
        Hold();
        _server!.Write(bytes);
    }

    /// <summary>The server stops: without a reader the pipe forgets what is in it.</summary>
    public void Release()
    {
        _server?.Dispose();
        _server = null;
    }

    public void Dispose()
    {
        Release();
        Directory.Delete(Folder, recursive: true);
    }
}
