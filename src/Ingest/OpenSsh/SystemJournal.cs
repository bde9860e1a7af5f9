using System.Runtime.InteropServices;
using System.Text;
using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>
/// What sshd and sftp have logged to the journal of systemd, from a place on, over rotations. Belongs to one thread.
/// <para>
/// The journal is many files (one for each user, and new ones after each rotation), read as one. A file that is seen late has entries older than those that were given already, which the
/// library would pass over: whenever files come or go, the last entries are looked through once more, and what was not among them is given.
/// </para>
/// </summary>
internal sealed unsafe class SystemJournal : IDisposable
{
    private static readonly string[] Programs = ["sshd", "sshd-session", "sshd-auth", "internal-sftp", "sftp-server"];
    private static readonly string[] Folders = ["/var/log/journal", "/run/log/journal"];

    /// <summary>Entries at one step.</summary>
    private const int Most = 1000;

    /// <summary>Entries that are looked through once more.</summary>
    private const int Remembered = 4096;

    private readonly Queue<string> _order = new();
    private readonly HashSet<string> _given = [];
    private readonly nint _journal;
    // Up to here it looks once more at what it gave; null when it does not.
    private string? _looksBackTo;

    private SystemJournal(nint journal, string? place)
    {
        _journal = journal;
        Place = place;
    }

    /// <summary>The cursor of the last entry that was given; "" before the first entry of all.</summary>
    public string? Place { get; private set; }

    /// <summary>True when more can be read at once.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Opens it.</summary>
    /// <param name="folder">The folder of its files, null for the machine's own.</param>
    /// <param name="place">Where to go on; null for its end: years may stand in it.</param>
    /// <exception cref="IOException">It cannot be read; the message says why and the way out.</exception>
    public static SystemJournal Open(string? folder, string? place)
    {
        if (Problem(folder) is { } problem)
            throw new IOException(problem);
        nint opened;
        Require(folder is null ? JournalCalls.sd_journal_open(out opened, JournalCalls.SD_JOURNAL_LOCAL_ONLY) : JournalCalls.sd_journal_open_directory(out opened, folder, 0), "be opened");
        var journal = new SystemJournal(opened, place);
        try
        {
            // Of one field any value is enough.
            foreach (var program in Programs)
                Require(JournalCalls.sd_journal_add_match(opened, $"SYSLOG_IDENTIFIER={program}", 0), "be searched");
            journal.Begin();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Why there is nothing to read, with the way out; null when there is.</summary>
    /// <param name="folder">The folder of its files, null for the machine's own.</param>
    public static string? Problem(string? folder)
    {
        if (!NativeLibrary.TryLoad("libsystemd.so.0", out _))
            return "The library libsystemd.so.0 is not there, so the journal cannot be read; install libsystemd0.";
        string[] folders = folder is null ? Folders : [folder];
        try
        {
            var files = folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.journal", SearchOption.AllDirectories)).ToList();
            // Without permission the library would show an empty journal.
            foreach (var file in files)
                File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete).Dispose();
            return files.Count > 0 ? null : $"There is no journal in {string.Join(" or ", folders)}.";
        }
        catch (UnauthorizedAccessException e)
        {
            return $"The journal may not be read by {Environment.UserName}: {e.Message} Run the node as root, or put its user into the group systemd-journal.";
        }
        catch (FileNotFoundException)
        {
            // Rotated away in this moment; the others are there.
            return null;
        }
    }

    /// <summary>The entries that came since, each as a line of syslog.</summary>
    /// <exception cref="IOException">The journal cannot be read.</exception>
    public List<byte[]> Read()
    {
        Noticed(JournalCalls.sd_journal_process(_journal));
        var lines = new List<byte[]>();
        // While it looks back it goes on, so that the place never is before an entry that was given.
        for (HasMore = true; HasMore && (_looksBackTo is not null || lines.Count < Most);)
        {
            HasMore = Require(JournalCalls.sd_journal_next(_journal), "be read") > 0;
            // Where it stood may have been thrown away meanwhile.
            if (!HasMore)
                _looksBackTo = null;
            else if (Visit(Cursor()) && Line() is { } line)
                lines.Add(line);
        }
        return lines;
    }

    /// <summary>Sleeps until something happens, or for a time.</summary>
    public void Wait(TimeSpan time) => Noticed(JournalCalls.sd_journal_wait(_journal, (ulong)time.TotalMicroseconds));

    public void Dispose() => JournalCalls.sd_journal_close(_journal);

    private void Begin()
    {
        if (Place is null)
        {
            Require(JournalCalls.sd_journal_seek_tail(_journal), "be read");
            Place = Require(JournalCalls.sd_journal_previous(_journal), "be read") > 0 ? Cursor() : "";
        }
        if (Place.Length > 0)
            Remember(Place);
        Seek(Place);
    }

    // Something other than a file that came or went is seen by the next reading.
    private void Noticed(int news)
    {
        if (news != JournalCalls.SD_JOURNAL_INVALIDATE)
            return;
        _looksBackTo = Place is { Length: > 0 } ? Place : null;
        Seek(_order.TryPeek(out var first) ? first : "");
    }

    private void Seek(string cursor) =>
        Require(cursor.Length == 0 ? JournalCalls.sd_journal_seek_head(_journal) : JournalCalls.sd_journal_seek_cursor(_journal, cursor), "be searched");

    // Whether the entry is a new one.
    private bool Visit(string cursor)
    {
        if (cursor == _looksBackTo)
            _looksBackTo = null;
        Place = cursor;
        if (_given.Contains(cursor))
            return false;
        Remember(cursor);
        return true;
    }

    private void Remember(string cursor)
    {
        _order.Enqueue(cursor);
        _given.Add(cursor);
        if (_order.Count > Remembered)
            _given.Remove(_order.Dequeue());
    }

    private string Cursor()
    {
        Require(JournalCalls.sd_journal_get_cursor(_journal, out var text), "be read");
        try
        {
            return Marshal.PtrToStringUTF8(text)!;
        }
        finally
        {
            JournalCalls.free(text);
        }
    }

    // As it would stand in a file of syslog; null for an entry that is none of OpenSSH's or is damaged.
    private byte[]? Line()
    {
        // The kernel's word first; a message by another way than the socket has no other.
        var pid = Field("_PID");
        if (pid.IsEmpty)
            pid = Field("SYSLOG_PID");
        byte[] head = [.. Field("SYSLOG_IDENTIFIER"), (byte)'[', .. pid, .. "]: "u8];
        return Field("MESSAGE") is { IsEmpty: false } message ? [.. head, .. message] : null;
    }

    // The bytes belong to the library until the next call.
    private ReadOnlySpan<byte> Field(string name)
    {
        if (JournalCalls.sd_journal_get_data(_journal, name, out var data, out var length) < 0)
            return [];
        return new ReadOnlySpan<byte>(data, (int)length)[(Encoding.ASCII.GetByteCount(name) + 1)..];
    }

    private static int Require(int result, string what) =>
        result >= 0 ? result : throw new IOException($"The journal cannot {what}: {Marshal.GetPInvokeErrorMessage(-result)}");
}
