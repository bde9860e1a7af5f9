using FtpActors.Protocol;

namespace FtpActors.Ingest.Tests;

/// <summary>A spool in memory whose commits can be held back or made to fail. The contract itself is tested with the real spools.</summary>
internal sealed class TestSpool : ISpool
{
    private readonly Lock _gate = new();
    private readonly List<SourceBatch> _batches = [];
    private readonly List<FtpEvent> _events = [];
    private readonly List<QuarantinedMessage> _quarantined = [];
    private readonly Dictionary<string, byte[]> _states = [];
    private TaskCompletionSource? _held;

    /// <summary>Appends fail while this is set.</summary>
    public bool IsFull { get; set; }

    /// <summary>Appends fail as nobody expects.</summary>
    public bool IsBroken { get; set; }

    public int Appends => Batches.Count;

    /// <summary>All that was handed over, also what could not be stored.</summary>
    public IReadOnlyList<SourceBatch> Batches
    {
        get
        {
            lock (_gate)
                return [.. _batches];
        }
    }

    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_gate)
                return [.. _events.Select(e => e.Path ?? Names.Of(e.Kind))];
        }
    }

    public IReadOnlyList<FtpEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public IReadOnlyList<QuarantinedMessage> Quarantined
    {
        get
        {
            lock (_gate)
                return [.. _quarantined];
        }
    }

    /// <summary>Appends wait from now on until <see cref="Release"/>.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.SetResult();

    public async Task<long> AppendAsync(SourceBatch batch)
    {
        lock (_gate)
            _batches.Add(batch);
        if (_held is { } held)
            await held.Task;
        lock (_gate)
        {
            if (IsBroken)
                throw new InvalidOperationException("broken");
            if (IsFull)
                throw new JournalUnavailableException("no space left on device");
            _events.AddRange(batch.Events);
            _quarantined.AddRange(batch.Quarantined);
            if (batch.SourceState is { } state)
                _states[batch.Source] = state;
            return _events.Count - batch.Events.Count + 1;
        }
    }

    public Task<byte[]?> ReadSourceStateAsync(string source)
    {
        lock (_gate)
            return Task.FromResult(_states.GetValueOrDefault(source));
    }
}
