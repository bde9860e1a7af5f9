namespace FtpActors.Node.Configuration;

/// <summary>Section <c>journal</c>.</summary>
/// <param name="Shards">Number of handlers, 1 to 1024; fixed when the journal is made. Default 2: on few cores more are slower.</param>
internal sealed record JournalSection(int Shards)
{
    /// <summary>Handlers of a journal when the configuration does not say.</summary>
    public const int DefaultShards = 2;

    public static JournalSection Read(Section s)
    {
        if (s.OneOf("kind", "sqlite", "sqlite", "postgres") == "postgres")
        {
            s.Problem("kind", "cannot be postgres in this version: its nodes are alone, each with a journal of its own in SQLite. Leave the key out.");
            // What belongs to it is no second problem.
            foreach (var key in (string[])["connection", "servers", "keep", "lease"])
                s.Raw(key);
        }
        var section = new JournalSection((int)s.Whole("shards", DefaultShards, 1, 1024));
        s.Done();
        return section;
    }
}
