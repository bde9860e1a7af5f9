using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Queue;

/// <summary>
/// A memory-mapped file that knows, after a kill at any instruction, how many messages of a batch were removed from the queue. Digests
/// alone cannot tell: with byte-identical messages the queue looks the same after each removal.
/// <para>
/// A message is removed by receiving it straight into a slot of this file. The type of a message is above 0 and the slot's was 0, so the
/// kernel's own write is the proof, and it happens together with the removal. The file is never synced: page cache and queue both live in
/// the kernel and die together, and a <see cref="TakingState"/> of another boot is not followed.
/// </para>
/// Layout, native order: magic (8), bytes per slot (8), batch number (8), removed count (8), two slots of type (8) and text.
/// </summary>
internal sealed unsafe class Witness : IDisposable
{
    /// <summary>Fills the rest of a slot: after a kill nobody knows the length of a message that was not expected, so it ends before the filling.</summary>
    private const byte Filling = 0xFF;
    private const long Magic = 0x31_454B_4154_5046; // "FPTAKE1" and a NUL
    private const int HeadBytes = 32;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _slotBytes;

    private Witness(MemoryMappedFile file, int slotBytes)
    {
        _file = file;
        _slotBytes = slotBytes;
        _view = file.CreateViewAccessor(0, HeadBytes + 2L * slotBytes);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    private ref long BatchField => ref *(long*)(_start + 16);

    private ref long RemovedField => ref *(long*)(_start + 24);

    /// <summary>Opens the file, or makes it. Its blocks are written, not left as holes: on a full disk this fails now and not in the middle of a removal.</summary>
    /// <param name="path">The file.</param>
    /// <param name="textBytes">Largest text of a message.</param>
    /// <exception cref="IOException">The file cannot be made or mapped.</exception>
    public static Witness Open(string path, int textBytes)
    {
        var slotBytes = sizeof(long) + textBytes;
        var old = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var oldSlot = SlotBytesOf(old);
        if (oldSlot < slotBytes)
            Write(path, Resized(old, oldSlot, slotBytes));
        return new Witness(MemoryMappedFile.CreateFromFile(path, FileMode.Open), Math.Max(oldSlot, slotBytes));
    }

    /// <summary>What the file knows of a batch, null when it is about another one.</summary>
    /// <param name="batch">Number of the batch.</param>
    /// <returns>How many were removed, and the message (type and text, with its filling) that was received after those and not yet counted.</returns>
    public (int Removed, byte[]? Received)? Read(long batch)
    {
        if (Volatile.Read(ref BatchField) != batch)
            return null;
        var removed = (int)Volatile.Read(ref RemovedField);
        var slot = Slot(removed);
        return (removed, MemoryMarshal.Read<long>(slot) != 0 ? slot.ToArray() : null);
    }

    /// <summary>Starts to witness a batch of which <paramref name="removed"/> messages are gone. The number is written last: before it the file is about no batch.</summary>
    public void Begin(long batch, int removed)
    {
        Volatile.Write(ref BatchField, 0);
        Clear(0);
        Clear(1);
        Volatile.Write(ref RemovedField, removed);
        Volatile.Write(ref BatchField, batch);
    }

    /// <summary>Makes the slot of message <paramref name="index"/> ready.</summary>
    public void Clear(int index)
    {
        var slot = Slot(index);
        slot[sizeof(long)..].Fill(Filling);
        Volatile.Write(ref *(long*)(_start + HeadBytes + (index & 1) * (long)_slotBytes), 0);
    }

    /// <summary>Where message <paramref name="index"/> of the batch is received: type and room for the text.</summary>
    public Span<byte> Slot(int index) => new(_start + HeadBytes + (index & 1) * (long)_slotBytes, _slotBytes);

    /// <summary>Counts: <paramref name="removed"/> messages of the batch are gone.</summary>
    public void Count(int removed) => Volatile.Write(ref RemovedField, removed);

    /// <summary>A received message without its filling. A text that itself ends in bytes of the filling loses those.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> slot) =>
        slot[..(sizeof(long) + slot[sizeof(long)..].TrimEnd(Filling).Length)];

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private static int SlotBytesOf(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeadBytes || MemoryMarshal.Read<long>(file) != Magic)
            return 0;
        var slot = MemoryMarshal.Read<long>(file[8..]);
        return slot > sizeof(long) && HeadBytes + 2 * slot == file.Length ? (int)slot : 0;
    }

    /// <summary>The same knowledge with larger slots (kernel.msgmax was raised), or a fresh file when there was none.</summary>
    private static byte[] Resized(byte[] old, int oldSlot, int newSlot)
    {
        var bytes = new byte[HeadBytes + 2 * newSlot];
        bytes.AsSpan(HeadBytes).Fill(Filling);
        for (var i = 0; i < 2; i++)
        {
            var slot = bytes.AsSpan(HeadBytes + i * newSlot, newSlot);
            slot[..sizeof(long)].Clear();
            old.AsSpan(oldSlot == 0 ? 0 : HeadBytes + i * oldSlot, oldSlot).CopyTo(slot);
        }
        if (oldSlot != 0)
            old.AsSpan(0, HeadBytes).CopyTo(bytes);
        MemoryMarshal.Write(bytes, Magic);
        MemoryMarshal.Write(bytes.AsSpan(8), (long)newSlot);
        return bytes;
    }

    private static void Write(string path, byte[] bytes)
    {
        var fresh = path + ".new";
        using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }
}
