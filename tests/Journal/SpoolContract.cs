using System.Text;
using FtpActors.Protocol;

namespace FtpActors.Journal.Tests;

/// <summary>The promises of a node's spool and of the quarantine beside it.</summary>
public abstract class SpoolContract : IAsyncLifetime
{
    private IJournal Journal { get; set; } = null!;

    private ISpool Spool => (ISpool)Journal;

    private IQuarantine Quarantine => (IQuarantine)Journal;

    /// <summary>Opens the journal of this test that is a spool as well; later calls, after the first was disposed, open the same one.</summary>
    protected abstract Task<IJournal> OpenAsync();

    public async Task InitializeAsync() => Journal = await OpenAsync();

    public virtual async Task DisposeAsync() => await Journal.DisposeAsync();

    [Fact]
    public async Task events_get_seqs_from_1_without_gaps_in_the_order_of_the_calls()
    {
        Assert.Equal(1, await Spool.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 10))));
        Assert.Equal(11, await Spool.AppendAsync(TestEvents.Batch()));
        Assert.Equal(11, await Spool.AppendAsync(TestEvents.Batch(TestEvents.Range(10, 5))));

        var stored = await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();
        Assert.Equal(TestEvents.Range(0, 15), stored.Select(s => s.Event));
        Assert.Equal(Enumerable.Range(1, 15).Select(i => (long)i), stored.Select(s => s.Seq));
        Assert.All(stored, s => Assert.Equal(Spool.SpoolId, s.Spool));
    }

    [Fact]
    public async Task the_latest_events_of_a_kind_are_found_oldest_first()
    {
        await Spool.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 30)));
        var all = await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();
        var kind = all[^1].Event.Kind;
        Assert.Equal(all.Where(s => s.Event.Kind == kind).TakeLast(3), await Spool.ReadLatestAsync(kind, 3));
        Assert.Empty(await Spool.ReadLatestAsync(EventKind.Symlink, 3));
    }

    [Fact]
    public async Task a_spool_keeps_its_random_id_and_its_seqs_over_a_reopen()
    {
        var id = Spool.SpoolId;
        await Spool.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 10)));

        await Journal.DisposeAsync();
        Journal = await OpenAsync();

        Assert.Matches("^[0-9a-f]{16}$", id);
        Assert.Equal(id, Spool.SpoolId);
        Assert.Equal(11, await Spool.AppendAsync(TestEvents.Batch(TestEvents.Range(10, 1))));
    }

    [Fact]
    public async Task batches_of_many_callers_at_once_stay_whole_and_in_each_callers_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
                await Spool.AppendAsync(TestEvents.Batch([.. TestEvents.Range(i * 5, 5).Select(e => e with { Source = $"caller{caller}" })]));
        })));

        var stored = await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 1600).Select(i => (long)i), stored.Select(s => s.Seq));
        Assert.All(stored.Chunk(5), batch => Assert.Single(batch.Select(s => s.Event.Source).Distinct()));
        foreach (var own in stored.GroupBy(s => s.Event.Source))
            Assert.Equal(TestEvents.Range(0, 200).Select(e => e.Path), own.Select(s => s.Event.Path));
    }

    [Fact]
    public async Task calls_that_do_not_wait_for_each_other_become_durable_in_their_order()
    {
        var calls = Enumerable.Range(0, 600).Select(i => Spool.AppendAsync(TestEvents.Batch(TestEvents.Make(i)))).ToList();

        Assert.Equal(Enumerable.Range(1, 600).Select(i => (long)i), await Task.WhenAll(calls));
    }

    [Fact]
    public async Task the_state_of_a_source_is_replaced_as_a_whole_and_only_its_own()
    {
        Assert.Null(await Spool.ReadSourceStateAsync("a"));

        await Spool.AppendAsync(new SourceBatch("a", TestEvents.Range(0, 1), [], [1, 2, 0]));
        await Spool.AppendAsync(new SourceBatch("b", [], [], []));
        Assert.Equal((byte[])[1, 2, 0], await Spool.ReadSourceStateAsync("a"));
        Assert.Equal(0, (await Spool.ReadSourceStateAsync("b"))?.Length);

        await Spool.AppendAsync(new SourceBatch("a", TestEvents.Range(1, 1), []));
        Assert.Equal((byte[])[1, 2, 0], await Spool.ReadSourceStateAsync("a"));
        await Spool.AppendAsync(new SourceBatch("a", [], [], [3]));
        Assert.Equal((byte[])[3], await Spool.ReadSourceStateAsync("a"));
    }

    [Fact]
    public async Task what_cannot_be_decoded_is_kept_whole_until_it_is_released_as_an_event()
    {
        var messages = Enumerable.Range(0, 120).Select(i => new QuarantinedMessage(
            TestEvents.Start.AddSeconds(i), "udp", i == 0 ? null : "192.0.2.9:514", $"no type {i}", [0, 255, .. Encoding.UTF8.GetBytes($"m{i}")])).ToList();
        await Spool.AppendAsync(new SourceBatch("udp", TestEvents.Range(0, 2), messages));

        var kept = await Quarantine.QueryQuarantineAsync(default).ToListAsync();
        Assert.Equivalent(messages, kept.Select(k => k.Message), strict: true);
        Assert.Equal(Enumerable.Range(1, 120).Select(i => (long)i), kept.Select(k => k.Id));
        Assert.Equivalent(messages[4], (await Quarantine.ReadQuarantineAsync(5))!.Message, strict: true);

        var decoded = TestEvents.Make(77);
        Assert.True(await Quarantine.ReleaseQuarantineAsync(5, decoded));
        Assert.False(await Quarantine.ReleaseQuarantineAsync(5, decoded));

        Assert.Null(await Quarantine.ReadQuarantineAsync(5));
        var stored = await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();
        Assert.Equal((3, decoded), (stored[^1].Seq, stored[^1].Event));
        Assert.Equal(3, stored.Count);
    }

    [Fact]
    public async Task a_message_that_was_released_leaves_its_number_unused()
    {
        var message = new QuarantinedMessage(TestEvents.Start, "udp", null, "short", []);
        await Spool.AppendAsync(new SourceBatch("udp", [], [message]));
        await Quarantine.ReleaseQuarantineAsync(1, TestEvents.Make(1));

        await Spool.AppendAsync(new SourceBatch("udp", [], [message]));

        Assert.Equal(2, Assert.Single(await Quarantine.QueryQuarantineAsync(default).ToListAsync()).Id);
    }

    [Fact]
    public async Task after_the_end_callers_are_told_so()
    {
        await Journal.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Spool.AppendAsync(TestEvents.Batch(TestEvents.Make(1))));
    }
}
