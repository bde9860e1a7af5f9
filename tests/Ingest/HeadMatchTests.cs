using FsCheck;
using FsCheck.Fluent;
using FtpActors.Ingest.Queue;

namespace FtpActors.Ingest.Tests;

public sealed class HeadMatchTests
{
    [Fact]
    public void What_is_left_of_a_batch_is_found_whatever_came_after_it()
    {
        // Unique marks: the answer must be exact.
        Prop.ForAll(Gen.Choose(0, 12).Zip(Gen.Choose(0, 12)).Zip(Gen.Choose(0, 5)).ToArbitrary(), input =>
        {
            var ((count, removed), later) = input;
            removed = Math.Min(removed, count);
            var batch = Enumerable.Range(0, count).Select(Mark).ToArray();
            MessageMark[] head = [.. batch[removed..], .. Enumerable.Range(100, later).Select(Mark)];
            return HeadMatch.Gone(batch, head) == removed;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void With_equal_marks_the_longest_match_wins_and_it_is_a_match()
    {
        var marks = Gen.Choose(0, 2).ListOf().Select(l => l.Select(Mark).ToArray());
        Prop.ForAll(marks.Zip(marks).ToArbitrary(), input =>
        {
            var (batch, head) = input;
            var gone = HeadMatch.Gone(batch, head);
            return Fits(gone) && !Enumerable.Range(0, gone).Any(Fits);

            bool Fits(int g) => head.Take(batch.Length - g).SequenceEqual(batch.Skip(g));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_bookmark_reads_back_as_it_was_written()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ListOf().ToArbitrary(), numbers =>
        {
            var state = new TakingState(ulong.MaxValue - 3, 5, 1L << 40, [.. numbers.Select(Mark)]);
            var back = TakingState.Decode(state.Encode());
            return back.Realm == state.Realm && back.QueueId == 5 && back.Batch == state.Batch && back.Marks.SequenceEqual(state.Marks);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(22)]
    public void A_bookmark_of_another_shape_is_refused(int length) =>
        Assert.Throws<InvalidDataException>(() => TakingState.Decode(Enumerable.Repeat((byte)1, length).ToArray()));

    private static MessageMark Mark(int n) => new((ulong)n * 0x9E3779B97F4A7C15, n);
}
