using System.Diagnostics;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Streams.TestKit;
using Akka.TestKit.Xunit2;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.Tests.Streams;

/// <summary>The thread that reads and the stream that stores, without a kernel.</summary>
public sealed class SourceRunTests : TestKit
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly CancellationTokenSource _stop = new();
    private readonly IMaterializer _materializer;
    private int _read;

    public SourceRunTests() => _materializer = Sys.Materializer();

    [Fact]
    public async Task A_reader_reads_only_what_is_asked_for()
    {
        using var run = new SourceRun<int>("test", ReadOn, _stop.Token);
        var probe = run.Source.RunWith(this.SinkProbe<int>(), _materializer);
        await probe.RequestAsync(2);
        await probe.ExpectNextNAsync([1, 2]);
        await probe.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(200));
        Assert.Equal(2, Volatile.Read(ref _read));
        await probe.RequestAsync(1);
        await probe.ExpectNextAsync(3);
        probe.Cancel();
        await run.EndAsync(Task.CompletedTask).WaitAsync(Limit);
        Assert.Equal(3, _read);
    }

    [Fact]
    public async Task At_the_stop_all_that_was_read_is_acknowledged_before_the_run_ends()
    {
        using var run = new SourceRun<int>("test", ReadOn, _stop.Token);
        var held = new TaskCompletionSource();
        var end = run.EndAsync(run.Source.SelectAsync(4, async n =>
        {
            await held.Task;
            return n % 2 == 0;
        }).RunForeach(run.Acknowledge, _materializer));
        await Eventually.True(() => Volatile.Read(ref _read) == 4, () => $"{_read} were read");
        await _stop.CancelAsync();
        await Task.WhenAny(end, Task.Delay(100));
        Assert.False(end.IsCompleted);
        Assert.Equal(4, run.InFlight);
        held.SetResult();
        await end.WaitAsync(Limit);
        Assert.Equal((4, 0), (_read, run.InFlight));
    }

    [Fact]
    public async Task What_was_given_before_trouble_arrives_and_the_reader_is_started_again()
    {
        using var run = new SourceRun<int>("test", feed => feed.Give(++_read), _stop.Token);
        var seen = new List<int>();
        var end = run.EndAsync(run.Source.RunForeach(
            n =>
            {
                seen.Add(n);
                run.Acknowledge(true);
                if (n == 3)
                    _stop.Cancel();
            },
            _materializer));
        await end.WaitAsync(Limit);
        Assert.Equal([1, 2, 3], seen);
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_the_end_of_a_back_off()
    {
        using var run = new SourceRun<int>("test", _ => _read++, _stop.Token);
        var end = run.EndAsync(run.Source.RunForeach(_ => { }, _materializer));
        // Then the pause is 1.6 seconds or more.
        await Eventually.True(() => Volatile.Read(ref _read) == 4, () => $"{_read} lives");
        var stopped = Stopwatch.GetTimestamp();
        await _stop.CancelAsync();
        await end.WaitAsync(Limit);
        Assert.True(Stopwatch.GetElapsedTime(stopped) < TimeSpan.FromSeconds(1), "it waited");
        Assert.Equal(4, _read);
    }

    [Fact]
    public async Task A_stop_before_the_start_reads_nothing()
    {
        await _stop.CancelAsync();
        using var run = new SourceRun<int>("test", ReadOn, _stop.Token);
        await run.EndAsync(run.Source.RunForeach(_ => { }, _materializer)).WaitAsync(Limit);
        Assert.Equal(0, _read);
    }

    [Fact]
    public async Task What_a_reader_throws_ends_the_run()
    {
        using var run = new SourceRun<int>("test", _ => throw new NotSupportedException("of the reader"), _stop.Token);
        var end = run.EndAsync(run.Source.RunForeach(_ => { }, _materializer));
        Assert.Equal("of the reader", (await Assert.ThrowsAnyAsync<Exception>(() => end.WaitAsync(Limit))).GetBaseException().Message);
    }

    [Fact]
    public async Task A_reader_that_waits_for_a_stream_that_breaks_learns_that_nothing_was_stored()
    {
        Exception? met = null;
        using var run = new SourceRun<int>("test", feed =>
        {
            try
            {
                feed.Store(1);
            }
            catch (OperationCanceledException e)
            {
                met = e;
                throw;
            }
        }, _stop.Token);
        var end = run.EndAsync(run.Source.Select<int, bool, Akka.NotUsed>(_ => throw new NotSupportedException("of a stage")).RunForeach(run.Acknowledge, _materializer));
        await Assert.ThrowsAnyAsync<Exception>(() => end.WaitAsync(Limit));
        Assert.NotNull(met);
    }

    protected override void Dispose(bool disposing)
    {
        _stop.Dispose();
        base.Dispose(disposing);
    }

    private void ReadOn(Feed<int> feed)
    {
        while (feed.WaitUntilWanted())
            feed.Give(++_read);
    }
}
