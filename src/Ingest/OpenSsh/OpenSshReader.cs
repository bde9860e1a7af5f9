using System.Globalization;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol;
using FtpActors.Protocol.OpenSsh;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>
/// Makes events of lines, and keeps those that wait for the stream: what is read of a socket is taken at once, whatever the spool does, because a new login hangs while ten lines wait
/// (net.unix.max_dgram_qlen). Belongs to one thread at a time; its lives follow one another.
/// </summary>
internal sealed class OpenSshReader(OpenSshOptions options, TimeProvider time, SourceReport report)
{
    private static readonly TimeSpan LivesEvery = TimeSpan.FromSeconds(1);

    /// <summary>So many events are read ahead of the spool where lines are kept; far below <see cref="OpenSshOptions.MostEvents"/>, so that none is dropped.</summary>
    private const int MostAhead = 20_000;

    private readonly string _boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
    private readonly SenderProcesses _senders = new();
    private OpenSshSessions? _sessions;
    private List<FtpEvent> _events = [];
    private List<QuarantinedMessage> _quarantined = [];
    private DateTimeOffset _livesAt;
    private AltlogPlaces? _places;
    private string? _journalPlace;
    private bool _isChanged;

    /// <summary>Goes on from what was stored; once.</summary>
    public void Begin(OpenSshState? state)
    {
        if (_sessions is not null)
            return;
        _sessions = new OpenSshSessions(options.Host, options.Name, _boot[..8], options.Chroots);
        (_places, _journalPlace) = (state?.File, state?.Journal);
        if (state?.Sessions is not { } memory)
            return;
        _sessions.Restore(memory);
        // Of another run of the machine none lives any more.
        if (state.Boot != _boot)
        {
            foreach (var process in _sessions.Processes.ToList())
                Add(_sessions.Died(process, time.GetUtcNow()));
        }
    }

    /// <summary>Events and messages that wait for the stream.</summary>
    public int Waiting => _events.Count + _quarantined.Count;

    /// <summary>An operation waits for the line of its failure.</summary>
    public bool IsWaitingForOutcome => _sessions!.IsWaiting;

    /// <summary>Learns who a sender is while he lives.</summary>
    public void Look(int pid) => _ = _senders.Of(pid);

    /// <summary>Takes a line of a socket.</summary>
    public void Take(ReadOnlySpan<byte> bytes, int pid)
    {
        if (!OpenSshLine.TryDecode(bytes, out var line, out _))
            return;
        var sender = pid > 0 ? _senders.Of(pid) : SenderProcesses.Sender.Unknown;
        Take(bytes, line, sender.Chain, sender.Root, sender.Folder);
    }

    /// <summary>Takes what the file has got.</summary>
    /// <returns>True when there is more.</returns>
    public bool Take(AltlogReader file)
    {
        // It keeps its lines while the spool stands still.
        if (Waiting >= MostAhead)
            return false;
        TakeLines(file.Read());
        _isChanged |= file.Places != _places;
        _places = file.Places;
        return file.HasMore;
    }

    /// <summary>Takes what the journal has got.</summary>
    /// <returns>True when there is more.</returns>
    public bool Take(SystemJournal journal)
    {
        if (Waiting >= MostAhead)
            return false;
        TakeLines(journal.Read());
        _isChanged |= journal.Place != _journalPlace;
        _journalPlace = journal.Place;
        return journal.HasMore;
    }

    /// <summary>A reader of the journal, where this one stands.</summary>
    public SystemJournal OpenJournal() => SystemJournal.Open(options.JournalFolder, _journalPlace);

    /// <summary>A reader of the file, where this one stands.</summary>
    public AltlogReader OpenFile() => new(options.File!, _places);

    /// <summary>What follows from the time alone: outcomes without a failure, ends without a line.</summary>
    /// <param name="drain">Reads what was sent until now: the last line of a process that has ended may still be there.</param>
    public void Pass(Action drain)
    {
        var now = time.GetUtcNow();
        Add(_sessions!.Pass(now));
        if (now - _livesAt < LivesEvery)
            return;
        _livesAt = now;
        var dead = _sessions.Processes.Distinct().Where(p => ProcessStart.TicksOf(p.Pid) != p.Start).ToList();
        if (dead.Count == 0)
            return;
        drain();
        foreach (var process in dead)
            Add(_sessions.Died(process, time.GetUtcNow()));
        _isChanged = true;
    }

    /// <summary>All that waits, as one batch; null when nothing does.</summary>
    public SourceBatch? TakeBatch()
    {
        if (Waiting == 0 && !_isChanged)
            return null;
        var batch = new SourceBatch(options.Name, _events, _quarantined, new OpenSshState(_boot, _sessions!.Memory, _places, _journalPlace).Encode());
        (_events, _quarantined, _isChanged) = ([], [], false);
        return batch;
    }

    private void TakeLines(List<byte[]> lines)
    {
        foreach (var bytes in lines)
        {
            if (OpenSshLine.TryDecode(bytes, out var line, out _))
                Take(bytes, line, [], "", null);
        }
    }

    private void Take(ReadOnlySpan<byte> bytes, OpenSshLine line, IReadOnlyList<ProcessName> chain, string root, string? folder)
    {
        var now = time.GetUtcNow();
        if (Waiting >= OpenSshOptions.MostEvents)
        {
            report.Dropped(1);
            report.Warn("dropped", "The spool does not keep up, so lines of sshd were dropped: it must not wait for us. See what the spool says.");
            return;
        }
        if (line.Word == OpenSshWord.Cut)
        {
            _quarantined.Add(new QuarantinedMessage(
                now, options.Name, string.Create(CultureInfo.InvariantCulture, $"{line.Program}[{line.Pid}]"), "the end of the line is missing: OpenSSH cuts lines of more than 1023 bytes", bytes.ToArray()));
            return;
        }
        if (line.Word == OpenSshWord.Other)
            return;
        Add(_sessions!.Take(new OpenSshNotice(line, now) { Chain = chain, Root = root, Folder = folder }));
        _isChanged |= line.Word != OpenSshWord.Question;
    }

    private void Add(IReadOnlyList<FtpEvent> events)
    {
        foreach (var e in events)
            _events.Add(WithFile(e));
    }

    // The file as it is at the end of its upload: all bytes are in it when the line comes (sftp-server.c logs the close before it closes, and after the last write).
    private static FtpEvent WithFile(FtpEvent e) => e is { Kind: EventKind.Upload, Path: ['/', ..] path, Status: EventStatus.Ok or EventStatus.Aborted }
        ? e with { Extra = [.. e.Extra ?? [], .. UploadFacts.Of(path, out _)] }
        : e;
}
