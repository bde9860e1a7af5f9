using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>sd-journal(3): the journal of systemd by its own library. All give an errno below 0 on failure.</summary>
internal static unsafe partial class JournalCalls
{
    private const string Library = "libsystemd.so.0";

    public const int SD_JOURNAL_LOCAL_ONLY = 1;
    public const int SD_JOURNAL_INVALIDATE = 2;

    [LibraryImport(Library)]
    public static partial int sd_journal_open(out nint journal, int flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_open_directory(out nint journal, string path, int flags);

    [LibraryImport(Library)]
    public static partial void sd_journal_close(nint journal);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_add_match(nint journal, string match, nuint size);

    [LibraryImport(Library)]
    public static partial int sd_journal_seek_head(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_seek_tail(nint journal);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_seek_cursor(nint journal, string cursor);

    [LibraryImport(Library)]
    public static partial int sd_journal_next(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_previous(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_get_cursor(nint journal, out nint cursor);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int sd_journal_get_data(nint journal, string field, out byte* data, out nuint length);

    [LibraryImport(Library)]
    public static partial int sd_journal_process(nint journal);

    [LibraryImport(Library)]
    public static partial int sd_journal_wait(nint journal, ulong microseconds);

    /// <summary>Frees what <see cref="sd_journal_get_cursor"/> gave.</summary>
    [LibraryImport("libc")]
    public static partial void free(nint memory);
}
