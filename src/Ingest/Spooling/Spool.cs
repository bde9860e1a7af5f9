using System.Globalization;
using System.Runtime.CompilerServices;
using Akka.Actor;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Spooling;

/// <summary>A node's spool, for those who are no actors. Safe for callers on any thread.</summary>
/// <param name="actor">The spool.</param>
/// <param name="quarantine">What could not be decoded.</param>
internal sealed class Spool(IActorRef actor, QuarantineFile quarantine) : ISpool, IDisposable
{
    // What was asked of a spool that fails just then gets no answer. To ask again is safe.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConditionalWeakTable<SourceBatch, object> _ids = [];
    // Others than those of the process before this one.
    private long _lastId = Random.Shared.NextInt64(1L << 62);
    private readonly SemaphoreSlim _release = new(1);

    /// <inheritdoc/>
    public async Task<long> AppendAsync(SourceBatch batch)
    {
        var id = (long)_ids.GetValue(batch, _ => Interlocked.Increment(ref _lastId));
        return ((Appended)await AskAsync(new Append(batch, id)).ConfigureAwait(false)).FirstSeq;
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadSourceStateAsync(string source) => ((BookmarkRead)await AskAsync(new AskBookmark(source)).ConfigureAwait(false)).State;

    /// <summary>How it does.</summary>
    /// <exception cref="JournalUnavailableException">The spool does not answer.</exception>
    public async Task<SpoolStatus> ReadStatusAsync() => (SpoolStatus)await AskAsync(AskSpool.Instance).ConfigureAwait(false);

    /// <summary>
    /// Gives no event a seq up to one that handlers know already. A spool that comes back from the past (a backup, a lost write-ahead log, a damaged last row) would give the same
    /// seqs again, and what came under them would be taken for what the handlers have.
    /// </summary>
    /// <exception cref="JournalUnavailableException">It is not known to be stored.</exception>
    public Task SkipAsync(long upTo) => AskAsync(new SkipSeqs(upTo));

    /// <summary>Replaces a quarantined message by the event it decodes to now; false when it was gone already.</summary>
    /// <exception cref="JournalUnavailableException">It is not known to be stored.</exception>
    public async Task<bool> ReleaseQuarantineAsync(long id, FtpEvent e)
    {
        await _release.WaitAsync().ConfigureAwait(false);
        try
        {
            if (await quarantine.ReadAsync(id).ConfigureAwait(false) is null)
                return false;
            await AskAsync(new Release(id, e)).ConfigureAwait(false);
            // The spool does so as well; whoever lists the quarantine next must not find it.
            await quarantine.KeepAsync([], [id]).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _release.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _release.Dispose();

    private async Task<object> AskAsync(object message)
    {
        try
        {
            return await actor.Ask<object>(message, Patience).ConfigureAwait(false) switch
            {
                NotAppended refused => throw new JournalUnavailableException(refused.Reason),
                var answer => answer,
            };
        }
        catch (AskTimeoutException e)
        {
            throw new JournalUnavailableException(string.Create(CultureInfo.InvariantCulture, $"The spool has not answered for {Patience.TotalSeconds} s; the log says why."), e);
        }
    }
}
