using LinqToDB;
using LinqToDB.Data;

namespace FtpActors.Actors.History.Tables;

/// <summary>Makes the tables, or finds out whether they are the ones that this program knows.</summary>
internal static class HistorySchema
{
    /// <summary>Raised with every change of a table.</summary>
    public const int Version = 2;

    // An open session has no end, so the index of ends finds it too. There is none on last_at: every event would move it.
    private static readonly string[] Indexes =
    [
        "CREATE INDEX session_opened ON session (opened_at, id)",
        "CREATE INDEX session_closed ON session (closed_at)",
        "CREATE INDEX file_operation_session ON file_operation (session)",
        "CREATE INDEX delivery_state ON delivery (state, id)",
        "CREATE INDEX delivery_rule ON delivery (rule, state)",
        "CREATE INDEX delivery_finished ON delivery (finished_at)",
        "CREATE INDEX row_index_received ON row_index (last_received_at)",
        "CREATE INDEX row_index_spool ON row_index (spool, last_seq)",
    ];

    /// <summary>Makes them where there are none, all or nothing.</summary>
    /// <exception cref="HistoryVersionException">They are of another version.</exception>
    public static void Prepare(IHistoryStore store, DataConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        store.LockSchema(connection);
        if (store.HasTable(connection, "schema_version"))
            Check(store, connection);
        else
            Make(store, connection);
        transaction.Commit();
    }

    /// <summary>Finds out whether tables that are there are those that this program knows.</summary>
    /// <exception cref="HistoryVersionException">They are of another version.</exception>
    public static void Check(IHistoryStore store, DataConnection connection) => Check(connection.GetTable<VersionRow>().Max(v => v.Version), store.Name);

    private static void Make(IHistoryStore store, DataConnection connection)
    {
        Make<SessionRow>(store, connection, store.ByKey);
        Make<OperationRow>(store, connection, store.ByKey);
        Make<DeliveryRow>(store, connection);
        Make<TryRow>(store, connection);
        Make<IndexRow>(store, connection, store.ByKey);
        Make<PositionRow>(store, connection);
        Make<VersionRow>(store, connection);
        foreach (var index in Indexes)
            connection.Execute(index);
        connection.Insert(new VersionRow { Version = Version });
    }

    private static void Make<T>(IHistoryStore store, DataConnection connection, string? footer = null)
        where T : class
    {
        connection.CreateTable<T>(statementFooter: footer);
        store.Finish<T>(connection);
    }

    private static void Check(int found, string name)
    {
        if (found == Version)
            return;
        throw new HistoryVersionException(found > Version
            ? $"{name} was made by a newer version of this program (its tables have version {found}, this program knows {Version}). "
                + "Run that version, or move it away (drop its tables): it is made anew from the journal."
            : $"{name} was made by an older version of this program (its tables have version {found}, this program has {Version}). "
                + "Move it away (drop its tables): it is made anew from the journal.");
    }
}
