using System.Globalization;
using System.Net.Sockets;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>One life of the sockets, of the file or of the journal. Belongs to one thread.</summary>
internal sealed unsafe class OpenSshInputs : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    private readonly OpenSshOptions _options;
    private readonly OpenSshReader _reader;
    private readonly SourceReport _report;
    private readonly List<SyslogSocket> _sockets = [];
    private readonly CredentialReader _datagrams = new();
    private readonly AltlogReader? _file;
    private readonly SystemJournal? _journal;
    private readonly Socket? _forward;
    private long _notForwarded;

    /// <exception cref="IOException">A socket cannot be made, or the journal cannot be read.</exception>
    public OpenSshInputs(OpenSshOptions options, OpenSshReader reader, SourceReport report)
    {
        (_options, _reader, _report) = (options, reader, report);
        try
        {
            foreach (var path in options.Sockets)
                _sockets.Add(SyslogSocket.Open(path, options.Forward));
            if (options.Forward is not null)
                _forward = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            _file = options.File is null ? null : reader.OpenFile();
            _journal = options.Journal ? reader.OpenJournal() : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Reads until the end, or until trouble that the exception says.</summary>
    /// <exception cref="IOException">A socket was taken away, or the file or the journal cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public void Read(Feed<SourceBatch> feed)
    {
        while (!feed.End.IsCancellationRequested)
        {
            var hasMore = Drain();
            _reader.Pass(() => Drain());
            // Only to a spool that has nothing to do: while it is busy the batch grows, for fewer and larger commits.
            if (feed.IsIdle && feed.IsWanted && _reader.TakeBatch() is { } batch)
                feed.Give(batch);
            if (!hasMore)
                Wait(feed);
            if (_sockets.Find(s => !s.IsThere) is { } lost)
                throw new IOException($"Another program took the place of the socket {lost.Path} (a syslog that was started again?). Start that before this node, or have it listen elsewhere.");
        }
        Drain();
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _datagrams.Dispose();
        _file?.Dispose();
        _journal?.Dispose();
        _forward?.Dispose();
    }

    // True when there may be more at once.
    private bool Drain()
    {
        if (_file is not null)
            return _reader.Take(_file);
        if (_journal is not null)
            return _reader.Take(_journal);
        foreach (var socket in _sockets)
        {
            for (var n = _datagrams.Read(socket.Socket); n > 0; n = _datagrams.Read(socket.Socket))
            {
                // All before the first line is worked on: they may be gone by then.
                for (var i = 0; i < n; i++)
                    _reader.Look(_datagrams.Sender(i));
                for (var i = 0; i < n; i++)
                {
                    Forward(_datagrams.Datagram(i));
                    _reader.Take(_datagrams.Datagram(i), _datagrams.Sender(i));
                }
            }
        }
        return false;
    }

    private void Forward(ReadOnlySpan<byte> line)
    {
        if (_forward is null)
            return;
        try
        {
            _forward.SendTo(line, new UnixDomainSocketEndPoint(_options.Forward!));
        }
        catch (SocketException e)
        {
            _notForwarded++;
            _report.Warn("forward", string.Create(CultureInfo.InvariantCulture, $"{_notForwarded} lines could not be sent on to {_options.Forward}, the last because of: {e.Message}"));
        }
    }

    private void Wait(Feed<SourceBatch> feed)
    {
        var wait = _file is not null ? _options.Poll : _reader.IsWaitingForOutcome || _reader.Waiting > 0 ? Soon : Look;
        if (_reader.Waiting > 0 && !feed.IsIdle)
            wait = TimeSpan.FromMilliseconds(2);
        if (_journal is not null)
        {
            _journal.Wait(wait);
            return;
        }
        var files = stackalloc PipeCalls.PollFd[_sockets.Count + 1];
        for (var i = 0; i < _sockets.Count; i++)
            files[i] = new PipeCalls.PollFd { File = (int)_sockets[i].Socket.Handle, Wanted = PipeCalls.POLLIN };
        // A signal ends the wait early, which is taken as "nothing yet".
        _ = PipeCalls.poll(files, (nuint)_sockets.Count, (int)Math.Ceiling(wait.TotalMilliseconds));
    }
}
