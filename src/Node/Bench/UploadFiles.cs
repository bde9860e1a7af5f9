using System.Text;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Node.Bench;

/// <summary>Uploaded files and what Pure-FTPd writes of them into its pipe. pure-uploadscript looks at each file, so they are there.</summary>
internal sealed class UploadFiles
{
    private readonly byte[][] _records;

    public UploadFiles(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        _records = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var file = Path.Combine(folder, $"upload-{i}.dat");
            File.WriteAllBytes(file, []);
            _records[i] = UploadPipe.Encode(new UploadRecord($"user{i % 64}", ReversibleText.FromBytes(Encoding.UTF8.GetBytes(file))));
        }
    }

    public int Count => _records.Length;

    /// <summary>Opens a pipe as the server does: for writing only, somebody holds it open for reading.</summary>
    public static FileStream Open(string pipe) => new(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Writes one record, with one call, as the server does. Waits while the pipe is full.</summary>
    public void Write(FileStream pipe, int i) => pipe.Write(_records[i % _records.Length]);

    /// <summary>Writes records at a steady rate; when each was written, in ticks of a stopwatch.</summary>
    public Task<long[]> WritePaced(FileStream pipe, int count, int rate, CancellationToken cancel) =>
        Pace.RunAsync(count, rate, i => Write(pipe, i), cancel);
}
