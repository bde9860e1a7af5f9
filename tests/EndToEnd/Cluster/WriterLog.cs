namespace FtpActors.EndToEnd.Tests;

/// <summary>
/// Who has written to each shard, kept by the database itself: a trigger adds a row for every move of a checkpoint, in the transaction that moves it.
/// So what is asserted comes from the data, not from what nodes say of themselves.
/// </summary>
internal sealed class WriterLog(Database database)
{
    /// <summary>Begins to keep it; the journal's tables must be there.</summary>
    public Task StartAsync() => database.ReadAsync<int>("""
        CREATE TABLE writer_log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shard int, spool int, epoch bigint, pid int, before bigint, after bigint);
        CREATE FUNCTION log_writer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO writer_log (shard, spool, epoch, pid, before, after)
            SELECT NEW.shard, NEW.spool, s.epoch, pg_backend_pid(), CASE WHEN TG_OP = 'UPDATE' THEN OLD.seq ELSE 0 END, NEW.seq
            FROM shard s WHERE s.id = NEW.shard;
            RETURN NEW;
        END $$;
        CREATE TRIGGER log_writer AFTER INSERT OR UPDATE ON checkpoint FOR EACH ROW EXECUTE FUNCTION log_writer();
        SELECT 1
        """);

    /// <summary>Times that a shard changed hands.</summary>
    public Task<long> HandOversAsync() => database.ReadAsync<long>("SELECT count(DISTINCT (shard, epoch)) - count(DISTINCT shard) FROM writer_log");

    /// <summary>Asserts that no epoch of a shard had two writers, that no older epoch wrote after a newer one, and that no position went back or was skipped.</summary>
    public async Task RequireOneWriterAsync()
    {
        Assert.True(await database.ReadAsync<long>("SELECT count(*) FROM writer_log") > 0, "Nobody has written.");
        Assert.Equal(0, await database.ReadAsync<long>("SELECT count(*) FROM (SELECT 1 FROM writer_log GROUP BY shard, epoch HAVING count(DISTINCT pid) > 1) two"));
        // The rows of one shard are in the order of their commits: its writers wait for each other at the checkpoint's row.
        Assert.Equal(0, await database.ReadAsync<long>(
            "SELECT count(*) FROM (SELECT epoch, lag(epoch) OVER (PARTITION BY shard, spool ORDER BY id) AS older FROM writer_log) o WHERE older > epoch"));
        Assert.Equal(0, await database.ReadAsync<long>(
            "SELECT count(*) FROM (SELECT before, lag(after) OVER (PARTITION BY shard, spool ORDER BY id) AS stood FROM writer_log) p WHERE stood <> before"));
    }
}
