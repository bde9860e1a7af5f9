using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace FtpActors.Actors.Actions.Linux;

/// <summary>An account of the machine.</summary>
/// <param name="Name">Login name.</param>
/// <param name="UserId">Number.</param>
/// <param name="GroupId">Number of its own group.</param>
/// <param name="Home">Home folder.</param>
internal sealed record Account(string Name, uint UserId, uint GroupId, string Home);

/// <summary>Names and numbers of users and groups, as the name service knows them (pwd.h, grp.h).</summary>
internal static unsafe partial class Accounts
{
    // Large enough for any entry that glibc's files and ldap modules make in practice; a larger one reads as unknown.
    private const int Room = 65536;

    public static Account? User(string nameOrNumber)
    {
        var number = uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        return Find((entry, buffer, found) => number ? getpwuid_r(id, entry, buffer, Room, found) : getpwnam_r(nameOrNumber, entry, buffer, Room, found));
    }

    public static string? UserName(uint id) => Find((entry, buffer, found) => getpwuid_r(id, entry, buffer, Room, found))?.Name;

    public static string? GroupName(uint id)
    {
        var entry = new nint[8];
        var buffer = new byte[Room];
        fixed (nint* e = entry)
        fixed (byte* b = buffer)
        {
            nint found;
            return getgrgid_r(id, (byte*)e, b, Room, &found) == 0 && found != 0 ? Text(entry[0]) : null;
        }
    }

    private delegate int Lookup(byte* entry, byte* buffer, nint* found);

    private static Account? Find(Lookup lookup)
    {
        // struct passwd: name, password, uid and gid (32 bit each), gecos, dir, shell.
        var entry = new nint[8];
        var buffer = new byte[Room];
        fixed (nint* e = entry)
        fixed (byte* b = buffer)
        {
            nint found;
            if (lookup((byte*)e, b, &found) != 0 || found == 0)
                return null;
            var ids = (uint*)(e + 2);
            return new Account(Text(entry[0]), ids[0], ids[1], Text(entry[4]));
        }
    }

    private static string Text(nint pointer) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)pointer));

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getpwnam_r(string name, byte* entry, byte* buffer, nint size, nint* found);

    [LibraryImport("libc")]
    private static partial int getpwuid_r(uint id, byte* entry, byte* buffer, nint size, nint* found);

    [LibraryImport("libc")]
    private static partial int getgrgid_r(uint id, byte* entry, byte* buffer, nint size, nint* found);
}
