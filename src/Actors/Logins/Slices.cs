using FtpActors.Protocol;

namespace FtpActors.Actors.Logins;

/// <summary>
/// How the users are sliced: one actor decides on all slots of a user, whatever host asks, and knows no other users' than those of its slice. The numbers of slots say whose they are.
/// </summary>
/// <param name="count">How many slices there are, fixed when the journal is made.</param>
internal readonly struct Slices(int count)
{
    /// <summary>How many there are.</summary>
    public int Count => count;

    /// <summary>The slice of a user.</summary>
    /// <param name="userKey">See <see cref="LoginClaim.UserKey"/>.</param>
    public int Of(string userKey) => new SessionKey("", "", userKey, "", "").Shard(count);

    /// <summary>The slice of a slot.</summary>
    public int Of(long slot) => (int)(slot % count);

    /// <summary>The number of the next slot of a slice.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="last">The last one that it gave; 0 before the first.</param>
    public long After(int slice, long last) => last == 0 ? slice + count : last + count;
}
