using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// A memory-mapped file that knows, after a kill, whether the last stored batch was taken out of the FIFO. A digest alone cannot tell: two uploads
/// of one file leave the same bytes, so the head of the FIFO may look the same after the taking.
/// <para>
/// The bytes are read straight into this file, whose first byte was set to another value before: the kernel's own write is the proof. The read is
/// one call for bytes that are there, so it does not stop half-way. Never synced: the page cache and the FIFO die together, at the boot.
/// </para>
/// Layout, native order: magic (8), batch number (8), the value that the first byte had (8), the bytes.
/// </summary>
internal sealed unsafe class FifoWitness : IDisposable
{
    private const long Magic = 0x31_4F46_4946_5046; // "FPFIFO1" and a NUL
    private const int HeadBytes = 24;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _room;

    private FifoWitness(MemoryMappedFile file, int room)
    {
        (_file, _room) = (file, room);
        _view = file.CreateViewAccessor(0, HeadBytes + (long)room);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Opens the file, or makes it. Its blocks are written, not left as holes: on a full disk this fails now and not at the taking.</summary>
    /// <exception cref="IOException">The file cannot be made or mapped.</exception>
    public static FifoWitness Open(string path, int room)
    {
        var old = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var known = old.Length > HeadBytes && MemoryMarshal.Read<long>(old) == Magic;
        if (!known || old.Length < HeadBytes + room)
        {
            var bytes = new byte[HeadBytes + room];
            if (known)
                old.CopyTo(bytes, 0);
            MemoryMarshal.Write(bytes, Magic);
            var fresh = path + ".new";
            File.WriteAllBytes(fresh, bytes);
            File.Move(fresh, path, overwrite: true);
            old = bytes;
        }
        return new FifoWitness(MemoryMappedFile.CreateFromFile(path, FileMode.Open), old.Length - HeadBytes);
    }

    /// <summary>Begins to witness a batch; the number is written last: before it the file is about no batch.</summary>
    /// <param name="batch">Number of the batch; 0 for none.</param>
    /// <param name="first">The first byte of the batch.</param>
    public void Begin(long batch, byte first)
    {
        Volatile.Write(ref Field(8), 0);
        Volatile.Write(ref Field(16), (byte)~first);
        _start[HeadBytes] = (byte)~first;
        Volatile.Write(ref Field(8), batch);
    }

    /// <summary>Where a batch is read to.</summary>
    public Span<byte> Room(int length) => new Span<byte>(_start + HeadBytes, _room)[..length];

    /// <summary>Whether the batch of that number was taken.</summary>
    public bool WasTaken(long batch) => Volatile.Read(ref Field(8)) == batch && _start[HeadBytes] != (byte)Volatile.Read(ref Field(16));

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private ref long Field(int at) => ref *(long*)(_start + at);
}
