using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Node.Text;

/// <summary>Whoever read our output does not any more.</summary>
internal sealed class OutputClosedException(Exception inner) : Exception("Standard output was closed.", inner);

/// <summary>
/// Standard output. Not <see cref="Console.Out"/>, which is silent about a closed pipe: <c>ftpactors events --follow | head</c> would never end.
/// </summary>
internal sealed class Output : IDisposable
{
    private readonly FileStream _stream = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
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
}
