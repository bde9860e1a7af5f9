using System.Security.Cryptography;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>Makes pieces of the pipe durable together with the bookmark; returns when they are.</summary>
internal delegate void StorePieces(ReadOnlySpan<byte> bytes, IReadOnlyList<UploadPipePiece> pieces, FifoState state);

/// <summary>Reads the piece at the head of what is in a FIFO; false when it is not whole yet.</summary>
internal delegate bool PieceReader(ReadOnlySpan<byte> bytes, out UploadPipePiece piece);

/// <summary>
/// Copy, store, take. Records are durable before they leave the FIFO, and after a kill at any point the next start knows whether they have left it: nothing
/// is lost and nothing is stored twice.
/// </summary>
internal sealed class UploadTake(UploadFifo fifo, FifoWitness witness, FifoState? state, ulong identity, PieceReader read, StorePieces store)
{
    private readonly byte[] _buffer = new byte[fifo.Bytes];
    private FifoState? _state = state;

    /// <summary>Called after each step that changes anything outside of the process; tests stop here as a kill would.</summary>
    public Action<string>? Step { get; init; }

    /// <summary>How often other bytes came out of the FIFO than were copied: another reader takes from it.</summary>
    public int Steals { get; private set; }

    /// <summary>Finishes the taking of the last stored batch. Must come before <see cref="Take"/>.</summary>
    public void Settle()
    {
        if (_state is not { } last || last.Fifo != identity || last.Length > fifo.Bytes)
        {
            // A FIFO that this spool does not know: the number in the file means nothing here.
            witness.Begin(0, 0);
            return;
        }
        if (witness.WasTaken(last.Batch))
        {
            StoreIfForeign(witness.Room(last.Length), last);
            return;
        }
        var seen = fifo.Peek(_buffer);
        // Not at the head any more: the server was gone as well, or another reader took it.
        if (seen >= last.Length && last.IsOf(_buffer.AsSpan(0, last.Length)))
            Remove(last, _buffer[0]);
    }

    /// <summary>Takes all whole records from the head of the FIFO; false when there is none.</summary>
    public bool Take()
    {
        var seen = _buffer.AsSpan(0, fifo.Peek(_buffer));
        var pieces = PiecesOf(seen, out var length);
        if (length == 0)
            return false;
        var batch = seen[..length];
        _state = new FifoState(identity, (_state?.Batch ?? 0) + 1, length, SHA256.HashData(batch));
        store(batch, pieces, _state);
        Step?.Invoke("stored");
        Remove(_state, batch[0]);
        return true;
    }

    private void Remove(FifoState last, byte first)
    {
        witness.Begin(last.Batch, first);
        Step?.Invoke("begun");
        var room = witness.Room(last.Length);
        var taken = room[..fifo.Take(room)];
        Step?.Invoke("taken");
        StoreIfForeign(taken, last);
    }

    // What another reader left us of the stream: in doubt twice, never lost.
    private void StoreIfForeign(ReadOnlySpan<byte> taken, FifoState last)
    {
        if (last.IsOf(taken))
            return;
        Steals++;
        var pieces = PiecesOf(taken, out var length);
        if (length < taken.Length)
            pieces.Add(new UploadPipePiece(taken.Length - length, null, "another reader of the pipe took the rest"));
        // Noted as taken: the same batch is not looked for again.
        _state = last with { Batch = last.Batch + 1, Length = 0, Digest = SHA256.HashData([]) };
        store(taken, pieces, _state);
    }

    private List<UploadPipePiece> PiecesOf(ReadOnlySpan<byte> bytes, out int length)
    {
        var pieces = new List<UploadPipePiece>();
        length = 0;
        while (read(bytes[length..], out var piece))
        {
            pieces.Add(piece);
            length += piece.Length;
        }
        return pieces;
    }
}
