using System.Globalization;

namespace FtpActors.Protocol.OpenSsh;

/// <summary>
/// Makes events of OpenSSH's lines: each login, transfer, operation and logout once, in order. Pure: the clock and the processes are in the input. With the senders' processes
/// (<see cref="OpenSshNotice.Chain"/>) every line belongs to its connection for certain; without, a session is known by user and address only, unless one connection alone waits for it.
/// </summary>
/// <param name="host">Name of the FTP host.</param>
/// <param name="source">Name of the source.</param>
/// <param name="boot">Names this run of the machine in the sessions' ids.</param>
/// <param name="chroots">By user: the root of his paths, where the sender's process does not tell it.</param>
public sealed class OpenSshSessions(string host, string source, string boot, IReadOnlyDictionary<string, string>? chroots = null)
{
    /// <summary>An error is sent within microseconds of the line of its request; a later one belongs to a request that is not logged.</summary>
    public static readonly TimeSpan LongestOutcome = TimeSpan.FromMilliseconds(50);

    /// <summary>Most connections and channels; beyond it the oldest is forgotten. Bounds the memory when ends are not seen (lines by a file).</summary>
    public const int Most = 10_000;

    private readonly List<OpenSshConnection> _connections = [];
    private readonly List<OpenSshChannel> _channels = [];
    private readonly List<FtpEvent> _events = [];
    private DateTimeOffset _now;

    /// <summary>What the next one must know.</summary>
    public OpenSshMemory Memory => new(_connections, _channels);

    /// <summary>Processes whose end matters.</summary>
    public IEnumerable<ProcessName> Processes => _connections.SelectMany(c => c.Processes).Concat(_channels.Select(c => c.Process)).Where(p => p.Start > 0);

    /// <summary>An operation waits for its outcome.</summary>
    public bool IsWaiting => _channels.Exists(c => c.Pending is not null);

    /// <summary>Goes on from a memory; before the first line.</summary>
    public void Restore(OpenSshMemory memory)
    {
        _connections.AddRange(memory.Connections);
        _channels.AddRange(memory.Channels);
    }

    /// <summary>The events that follow from a line.</summary>
    public IReadOnlyList<FtpEvent> Take(OpenSshNotice notice)
    {
        Begin(notice.At);
        if (notice.Line.IsSftp)
            TakeSftp(notice);
        else
            TakeSshd(notice);
        return End();
    }

    /// <summary>The events that follow from the time: operations that no error has followed.</summary>
    public IReadOnlyList<FtpEvent> Pass(DateTimeOffset now)
    {
        Begin(now);
        foreach (var channel in _channels)
        {
            if (channel.Pending is { } pending && now - pending.At > LongestOutcome)
                Succeed(channel);
        }
        return End();
    }

    /// <summary>The events that follow from the end of a process: files that it had open are aborted, and a connection without processes is lost.</summary>
    public IReadOnlyList<FtpEvent> Died(ProcessName process, DateTimeOffset now)
    {
        Begin(now);
        if (_channels.Find(c => c.Process == process) is { } channel)
            Close(channel);
        foreach (var connection in _connections.Where(c => c.Processes.Contains(process)).ToList())
        {
            connection.Processes.Remove(process);
            // A channel whose process was never seen ends with its connection.
            if (connection.Processes.Count == 0 && _channels.Find(c => c.Connection == connection.Id && c.Process.Start == 0) is { } unseen)
                Close(unseen);
            EndIfOver(connection);
        }
        return End();
    }

    private void Begin(DateTimeOffset now)
    {
        _events.Clear();
        _now = new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }

    private IReadOnlyList<FtpEvent> End() => _events.Count == 0 ? [] : [.. _events];

    private void TakeSshd(OpenSshNotice notice)
    {
        var line = notice.Line;
        if (line.Word == OpenSshWord.Other)
            return;
        var connection = Find(notice);
        switch (line.Word)
        {
            case OpenSshWord.Connection:
                if (connection is not null && notice.Chain.Count == 0)
                    _connections.Remove(connection); // The pid is used again, and its end was not seen.
                connection = notice.Chain.Count == 0 || connection is null ? Add(notice) : connection;
                (connection.Address, connection.Port, connection.Local) = (line.Address, line.Port, line.Local);
                break;
            case OpenSshWord.Accepted:
                connection ??= Add(notice);
                (connection.User, connection.Address, connection.Port, connection.Method, connection.Key, connection.AcceptedAt) =
                    (line.User, line.Address, line.Port, line.Method, line.Key, _now);
                break;
            case OpenSshWord.Failed:
                connection?.WasRefused = true;
                Refuse(line, connection);
                break;
            case OpenSshWord.Refused:
                if (connection is not { WasRefused: true })
                    Refuse(line, connection);
                if (connection is not null)
                    _connections.Remove(connection);
                break;
            case OpenSshWord.Channel:
                connection?.Announced.Add(line.Number ?? 0);
                break;
            case OpenSshWord.Disconnected when connection is not null:
                connection.IsDisconnected = true;
                EndIfOver(connection);
                break;
            case OpenSshWord.Child when connection is not null && notice.Chain.Count == 0:
                connection.Processes.Add(new ProcessName(line.Number ?? 0, 0));
                break;
        }
    }

    private void TakeSftp(OpenSshNotice notice)
    {
        var line = notice.Line;
        var channel = _channels.Find(c => notice.Chain.Count > 0 ? c.Process == notice.Chain[0] : c.Process.Pid == line.Pid);
        if (line.Word == OpenSshWord.SessionOpened || channel is null)
        {
            if (channel is not null)
                Close(channel);
            if (line.Word is OpenSshWord.Other or OpenSshWord.Cut && channel is null)
                return;
            channel = Open(notice);
        }
        // Only the first line of a session names its user.
        if (chroots?.GetValueOrDefault(channel.User) is { } root)
            notice = notice with { Root = root };
        channel.IsVerbose |= line.Word == OpenSshWord.Question;
        if (line.Word == OpenSshWord.Status)
        {
            Fail(channel, line);
            return;
        }
        Succeed(channel);
        switch (line.Word)
        {
            case OpenSshWord.Open:
                Open(channel, notice);
                break;
            case OpenSshWord.Close:
            case OpenSshWord.ForcedClose:
                Close(channel, notice);
                break;
            case OpenSshWord.SessionClosed:
                Close(channel);
                break;
            default:
                if (KindOf(line) is { } kind)
                    Operate(channel, notice, kind);
                break;
        }
    }

    private OpenSshChannel Open(OpenSshNotice notice)
    {
        var line = notice.Line;
        OpenSshConnection? connection;
        var isCertain = notice.Chain.Count > 0;
        if (isCertain)
        {
            connection = Find(notice) ?? Add(notice with { Chain = notice.Chain.Count > 1 ? [notice.Chain[1]] : notice.Chain });
            if (notice.Chain.Count > 1 && !connection.Processes.Contains(notice.Chain[1]))
                connection.Processes.Add(notice.Chain[1]);
        }
        else
        {
            var waiting = _connections.FindAll(c => (!c.IsTold || c.Announced.Count > 0) && c.User == line.User && c.Address == line.Address && c.AcceptedAt is not null);
            // Its process was gone before the look (a short transfer on a busy machine), yet no other connection can be meant.
            isCertain = waiting is [var only] && only.Processes.TrueForAll(p => p.Start > 0);
            // By text alone: the one that waits longest, for its details. Right for most, not for all.
            connection = isCertain ? waiting[0] : waiting.Find(c => !c.IsTold);
        }
        if (connection is { User: "" })
            (connection.User, connection.Address) = (line.User, line.Address);
        var number = connection is { Announced: [var first, ..] } ? first : (int?)null;
        connection?.Announced.RemoveRange(0, number is null ? 0 : 1);
        var channel = new OpenSshChannel
        {
            Process = notice.Chain.Count > 0 ? notice.Chain[0] : new ProcessName(line.Pid, 0), Connection = isCertain ? connection!.Id : null,
            User = line.User.Length > 0 ? line.User : connection?.User ?? "", Address = line.Address.Length > 0 ? line.Address : connection?.Address ?? "", Number = number,
        };
        Keep(_channels, channel);
        var isFirst = connection is not { IsTold: true };
        connection?.IsTold = true;
        if (line.Word != OpenSshWord.SessionOpened)
            return channel; // The node has come into the middle of it.
        _events.Add(isFirst
            ? EventOf(channel, EventKind.Login) with { Status = EventStatus.Ok, Time = connection?.AcceptedAt, Extra = WordsOf(connection) }
            : EventOf(channel, EventKind.Other) with { Type = "channel", Status = EventStatus.Ok, Extra = WordsOf(channel) });
        return channel;
    }

    private void Open(OpenSshChannel channel, OpenSshNotice notice)
    {
        var flags = notice.Line.Flags!.Split(',');
        var file = new OpenSshFile(notice.PathOf(notice.Line.Path!), flags.Contains("WRITE"), flags.Contains("APPEND"), _now);
        channel.Files.Add(file);
        channel.Pending = new OpenSshOperation(EventOf(channel, file.IsWritten ? EventKind.Upload : EventKind.Download) with { Path = file.Path, Bytes = 0 }, IsOpening: true, _now);
    }

    private void Close(OpenSshChannel channel, OpenSshNotice notice)
    {
        var line = notice.Line;
        var path = notice.PathOf(line.Path!);
        var at = channel.Files.FindIndex(f => f.Path == path);
        var file = at < 0 ? null : channel.Files[at];
        if (file is not null)
            channel.Files.RemoveAt(at);
        // One that was opened for both is what was done with it.
        var isUpload = line.Written > 0 || (file?.IsWritten ?? line.Read == 0) && line.Read == 0;
        _events.Add(EventOf(channel, isUpload ? EventKind.Upload : EventKind.Download) with
        {
            Path = path, Bytes = isUpload ? line.Written : line.Read, Time = file?.At, Seconds = file is null ? null : Math.Round((_now - file.At).TotalSeconds, 6),
            Status = line.Word == OpenSshWord.Close ? EventStatus.Ok : EventStatus.Aborted, Extra = WordsOf(channel, file),
        });
    }

    private void Operate(OpenSshChannel channel, OpenSshNotice notice, EventKind kind)
    {
        var path = notice.PathOf(notice.Line.Path!);
        // Size, mode and times of a file that is open are set by its transfer.
        if (notice.Line.Word == OpenSshWord.Set && channel.Files.Exists(f => f.Path == path))
            return;
        channel.Pending = new OpenSshOperation(
            EventOf(channel, kind) with
            {
                Path = path, PathTo = notice.Line.PathTo is { } to ? notice.PathOf(to) : null,
                Flags = notice.Line.IsAmbiguous ? EventFlags.Ambiguous : EventFlags.None,
                Type = notice.Line.Word == OpenSshWord.Set ? $"set {notice.Line.Flags}" : null, Extra = WordsOf(channel),
            },
            IsOpening: false, _now);
    }

    private static EventKind? KindOf(OpenSshLine line) => line.Word switch
    {
        OpenSshWord.Rename => EventKind.Rename,
        OpenSshWord.Remove => EventKind.Delete,
        OpenSshWord.Mkdir => EventKind.Mkdir,
        OpenSshWord.Rmdir => EventKind.Rmdir,
        OpenSshWord.Symlink => EventKind.Symlink,
        OpenSshWord.Set => line.Flags!.StartsWith("mode ", StringComparison.Ordinal) ? EventKind.Chmod : EventKind.Other,
        _ => null,
    };

    private void Succeed(OpenSshChannel channel)
    {
        if (channel.Pending is { IsOpening: false } pending)
            _events.Add(pending.Event with { Status = EventStatus.Ok });
        channel.Pending = null;
    }

    // An error that nothing was logged before is that of a question (a stat before a put), which only a verbose log names.
    private void Fail(OpenSshChannel channel, OpenSshLine line)
    {
        if (channel.Pending is not { } pending)
            return;
        if (_now - pending.At > LongestOutcome)
        {
            Succeed(channel);
            return;
        }
        channel.Pending = null;
        if (pending.IsOpening)
            channel.Files.RemoveAll(f => f.Path == pending.Event.Path && f.At == pending.At);
        _events.Add(pending.Event with
        {
            Status = StatusOf(line.Error!), Flags = pending.Event.Flags | (channel.IsVerbose ? EventFlags.None : EventFlags.Ambiguous),
            Extra = [.. pending.Event.Extra ?? [], $"error={line.Error}"],
        });
    }

    private static EventStatus StatusOf(string error) => error switch
    {
        "No such file" => EventStatus.NotFound,
        "Permission denied" => EventStatus.Denied,
        _ => EventStatus.Failed,
    };

    private void Close(OpenSshChannel channel)
    {
        Succeed(channel);
        // Its process was killed: how far they have come nobody has told.
        foreach (var file in channel.Files)
        {
            _events.Add(EventOf(channel, file.IsWritten ? EventKind.Upload : EventKind.Download) with
            {
                Path = file.Path, Time = file.At, Status = EventStatus.Aborted, Extra = WordsOf(channel, file),
            });
        }
        _channels.Remove(channel);
        if (channel.Connection is null)
            _events.Add(EventOf(channel, EventKind.Logout));
        else if (_connections.Find(c => c.Id == channel.Connection) is { } connection)
            EndIfOver(connection);
    }

    private void EndIfOver(OpenSshConnection connection)
    {
        var isLost = connection.Processes.Count == 0;
        if (!(connection.IsDisconnected || isLost) || _channels.Exists(c => c.Connection == connection.Id) || !_connections.Remove(connection))
            return;
        if (connection.IsTold && connection.Processes.TrueForAll(p => p.Start > 0))
        {
            _events.Add(new FtpEvent
            {
                ReceivedAt = _now, Kind = EventKind.Logout, Host = host, Source = source, Session = connection.Id, User = connection.User, RemoteHost = connection.Address,
                Status = connection.IsDisconnected ? EventStatus.Unknown : EventStatus.Aborted,
            });
        }
    }

    private void Refuse(OpenSshLine line, OpenSshConnection? connection) => _events.Add(new FtpEvent
    {
        ReceivedAt = _now, Kind = EventKind.LoginFailed, Host = host, Source = source, User = line.User, RemoteHost = line.Address, Status = EventStatus.Denied,
        Extra = WordsOf(connection ?? new OpenSshConnection { Id = "", Port = line.Port, Method = line.Method }),
    });

    private OpenSshConnection? Find(OpenSshNotice notice) => notice.Chain.Count > 0
        ? _connections.Find(c => c.Processes.Exists(p => notice.Chain.Contains(p)))
        : _connections.Find(c => c.Processes.Exists(p => p.Pid == notice.Line.Pid));

    private OpenSshConnection Add(OpenSshNotice notice)
    {
        var process = notice.Chain.Count > 0 ? notice.Chain[0] : new ProcessName(notice.Line.Pid, 0);
        var connection = new OpenSshConnection { Id = string.Create(CultureInfo.InvariantCulture, $"{boot}.{process.Start:x}.{process.Pid:x}"), Processes = [process] };
        Keep(_connections, connection);
        return connection;
    }

    private static void Keep<T>(List<T> list, T added)
    {
        if (list.Count >= Most)
            list.RemoveAt(0);
        list.Add(added);
    }

    private FtpEvent EventOf(OpenSshChannel channel, EventKind kind) => new()
    {
        ReceivedAt = _now, Kind = kind, Host = host, Source = source, Session = channel.Connection, User = channel.User, RemoteHost = channel.Address,
    };

    private static List<string>? WordsOf(OpenSshConnection? connection)
    {
        if (connection is null)
            return null;
        var words = new List<string>();
        if (connection.Local is { } local)
            words.Add($"{SessionWords.Local}{local}");
        if (connection.Port > 0)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"port={connection.Port}"));
        if (connection.Method is { } method)
            words.Add($"auth={method}");
        if (connection.Key is { } key)
            words.Add($"key={key}");
        return words.Count > 0 ? words : null;
    }

    private static List<string>? WordsOf(OpenSshChannel channel, OpenSshFile? file = null)
    {
        var words = new List<string>();
        if (channel.Number is { } number)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"channel={number}"));
        if (file is { IsAppended: true })
            words.Add("append");
        return words.Count > 0 ? words : null;
    }
}
