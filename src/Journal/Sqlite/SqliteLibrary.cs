using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>The system's SQLite: patched by the distribution, so none is shipped here.</summary>
internal static class SqliteLibrary
{
    // RETURNING came with 3.35.
    private const int Oldest = 3_035_000;

    private static readonly Lazy<string?> Trouble = new(Load);

    /// <summary>Loads it once per process.</summary>
    /// <exception cref="JournalUnusableException">It is missing or too old.</exception>
    public static void Require()
    {
        if (Trouble.Value is { } trouble)
            throw new JournalUnusableException(trouble);
    }

    private static string? Load()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        try
        {
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            return raw.sqlite3_libversion_number() >= Oldest
                ? null
                : $"SQLite {raw.sqlite3_libversion().utf8_to_string()} is too old: 3.35 or newer is needed. "
                    + "Upgrade the system's library (Debian 12 and Ubuntu 22.04 have a newer one).";
        }
        catch (DllNotFoundException)
        {
            return "The system has no libsqlite3.so.0. Install it: `apt install libsqlite3-0` on Debian and Ubuntu.";
        }
    }

    // Zero makes the runtime search on its own, which ends in the DllNotFoundException above.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) =>
        name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out var library) ? library : 0;
}
