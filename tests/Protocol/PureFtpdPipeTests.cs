using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Protocol.Tests;

public class PureFtpdPipeTests
{
    private static readonly Gen<byte[]> NameBytes =
        from bytes in Gen.OneOf(Gen.Choose(0x20, 0xFF), Gen.Elements<int>('a', '/', '\\', ' ', 0xC3, 0xBC)).Where(b => b != 0x7F).NonEmptyListOf()
        select bytes.Take(100).Select(b => (byte)b).ToArray();

    private static readonly Gen<UploadRecord> Records =
        from account in NameBytes
        from path in NameBytes
        select new UploadRecord(ReversibleText.FromBytes(account), "/" + ReversibleText.FromBytes(path));

    /// <summary>Records with damage between and inside them.</summary>
    private static readonly Gen<byte[]> Streams =
        from parts in Gen.OneOf(
            Records.Select(UploadPipe.Encode),
            Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(),
            Gen.Elements<byte>(0, 1, 2, (byte)'a', (byte)'\n').ArrayOf()).ListOf()
        select parts.SelectMany(p => p).ToArray();

    [Fact]
    public void The_real_pipe_is_read_to_its_last_byte()
    {
        var bytes = Capture.Read("pure-ftpd/pipe-raw.bin");
        var records = Pieces(bytes, out var rest).Select(p => p.Record!).ToList();
        Assert.Equal(0, rest);
        Assert.DoesNotContain(null, records);
        Assert.Equal(bytes.Count(b => b == 2), records.Count);
        Assert.Equal(new UploadRecord("alice", "/srv/ftp/research/homes/env/home/alice/plain.txt"), records[0]);
        Assert.Equal("/srv/ftp/research/homes/env/home/alice/with two  spaces.txt", records[1].Path);
        Assert.Equal("/srv/ftp/research/homes/env/home/alice/żółć-日本.txt", records[3].Path);
        Assert.Equal(@"/srv/ftp/research/homes/env/home/alice/caf\xE9\xFF.txt", records[4].Path);
        Assert.Equal("/srv/ftp/research/homes/env/home/alice/nel\u0085.txt", records[5].Path);
        Assert.Equal(bytes, records.SelectMany(UploadPipe.Encode));
    }

    [Fact]
    public void Decoding_what_was_encoded_gives_the_same_record() =>
        Prop.ForAll(Records.ToArbitrary(), record =>
        {
            var bytes = UploadPipe.Encode(record);
            Assert.True(UploadPipe.TryRead(bytes, out var piece));
            Assert.Equal(new UploadPipePiece(bytes.Length, record, null), piece);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Every_split_of_a_stream_gives_the_same_pieces_and_no_byte_is_lost() =>
        Prop.ForAll(Streams.ToArbitrary(), Gen.Choose(1, 70).ToArbitrary(), (stream, chunk) =>
        {
            var whole = Pieces(stream, out var rest);
            Assert.Equal(stream.Length, whole.Sum(p => p.Length) + rest);
            Assert.Equal(whole, InChunks(stream, chunk));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Every_single_split_of_the_real_pipe_gives_the_same_pieces()
    {
        var bytes = Capture.Read("pure-ftpd/pipe-raw.bin");
        var whole = Pieces(bytes, out _);
        for (var chunk = 1; chunk < 700; chunk++)
            Assert.Equal(whole, InChunks(bytes, chunk));
    }

    [Theory]
    [InlineData("\u0002alice\u0001/a\nb\0", "control byte in the path")]
    [InlineData("\u0002al\u007Fice\u0001/a\0", "control byte in the account")]
    [InlineData("\u0002alice/a\0", "no byte 01")]
    [InlineData("\u0002alice\u0001\0", "no path")]
    [InlineData("\u0002alice\u0001/a\u0001b\0", "control byte in the path")]
    [InlineData("noise", "begins with byte 02")]
    [InlineData("noise\0", "begins with byte 02")]
    [InlineData("\u0002alice\u0001/cut", "not whole")]
    public void Damage_is_rejected_whole_and_the_next_record_is_read(string damage, string reason)
    {
        var good = new UploadRecord("bob", "/b");
        var bytes = Wire.Bytes(damage);
        var pieces = Pieces([.. bytes, .. UploadPipe.Encode(good)], out var rest);
        Assert.Equal(0, rest);
        Assert.Equal(2, pieces.Count);
        Assert.Equal(bytes.Length, pieces[0].Length);
        Assert.Contains(reason, pieces[0].Reason, StringComparison.Ordinal);
        Assert.Equal(good, pieces[1].Record);
    }

    [Fact]
    public void The_longest_record_of_the_server_is_read_and_a_longer_one_is_rejected_in_bounded_pieces()
    {
        var longest = new UploadRecord(new string('u', 128), "/" + new string('p', 4159));
        Assert.True(UploadPipe.TryRead(UploadPipe.Encode(longest), out var piece));
        Assert.Equal(longest, piece.Record);

        Assert.Throws<ArgumentException>(() => UploadPipe.Encode(longest with { Path = "/" + new string('p', 4400) }));
        byte[] endless = [2, .. Encoding.ASCII.GetBytes(new string('x', 3 * UploadPipe.LargestRecord))];
        var pieces = Pieces(endless, out var rest);
        Assert.Equal(3, pieces.Count);
        Assert.All(pieces, p => Assert.Equal((UploadPipe.LargestRecord, null), (p.Length, p.Record)));
        Assert.True(rest < UploadPipe.LargestRecord);
    }

    private static List<UploadPipePiece> Pieces(ReadOnlySpan<byte> bytes, out int rest)
    {
        var pieces = new List<UploadPipePiece>();
        while (UploadPipe.TryRead(bytes, out var piece))
        {
            Assert.InRange(piece.Length, 1, Math.Min(bytes.Length, UploadPipe.LargestRecord));
            Assert.True(piece.Record is null != piece.Reason is null);
            pieces.Add(piece);
            bytes = bytes[piece.Length..];
        }
        rest = bytes.Length;
        Assert.True(rest < UploadPipe.LargestRecord);
        return pieces;
    }

    private static List<UploadPipePiece> InChunks(byte[] stream, int chunk)
    {
        var pieces = new List<UploadPipePiece>();
        var buffer = new List<byte>();
        foreach (var part in stream.Chunk(chunk))
        {
            buffer.AddRange(part);
            var found = Pieces(buffer.ToArray(), out var rest);
            pieces.AddRange(found);
            buffer.RemoveRange(0, buffer.Count - rest);
        }
        return pieces;
    }
}
