namespace FtpActors.Journal.Sqlite;

/// <summary>The next events to be dropped from the beginning of the file's own spool.</summary>
internal sealed class DropSpooled(long upTo, int most) : WriteRequest<int>
{
    public override int Rows => most;

    public override void Write(WriterRows rows)
    {
        rows.Database[WriterRows.Sql.DropSpooled].Bind(1, upTo).Bind(2, most).Run();
        Answer = rows.Database.Changes;
    }
}
