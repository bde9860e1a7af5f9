using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Node.Text;

/// <summary>Whoever read our output does not any more.</summary>
internal sealed class OutputClosedException(Exception inner) : Exception("Standard output was closed.", inner);

/// <summary>
/// Standard output. For pipes not <see cref="Console.Out"/>, which is silent about a closed one: <c>ftpactors events --follow | head</c> would never end.
/// </summary>
internal sealed class Output : IDisposable
{
    private readonly Stream _stream = Open();
    private readonly StreamWriter _writer;

    public Output() => _writer = new StreamWriter(_stream, new UTF8Encoding(false), 16 * 1024);

    public void Line(string line)
    {
        try
        {
            _writer.Write(line);
            _writer.Write('\n');
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }

    /// <summary>Bytes as they are: names that are not UTF-8 in a format that has no escapes for them.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Flush();
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }

    public void Flush()
    {
        try
        {
            _writer.Flush();
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }

    // What was not flushed by then is not wanted: a failure is on its way up.
    public void Dispose() => _stream.Dispose();

    private static Stream Open()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!stream.CanSeek)
            return stream;
        // A regular file may be shared with other programs; a FileStream would write at a position of its own and overwrite them.
        stream.Dispose();
        return Console.OpenStandardOutput();
    }
}
