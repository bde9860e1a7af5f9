namespace FtpActors.Node.Configuration;

/// <summary>Section <c>journal</c>.</summary>
/// <param name="Kind">Engine. Only <c>sqlite</c> is known.</param>
/// <param name="Shards">Number of shards, 1 to 1024; fixed when the journal is made. Default 16.</param>
internal sealed record JournalSection(string Kind, int Shards)
{
    public static JournalSection Read(Section s)
    {
        var section = new JournalSection(s.OneOf("kind", "sqlite", "sqlite"), (int)s.Whole("shards", 16, 1, 1024));
        s.Done();
        return section;
    }
}
