using LinqToDB;
using LinqToDB.Data;

namespace FtpActors.Actors.History.Tables;

/// <summary>All that is one database's own: connections, layout, the way to write many rows. The tables and the questions to them are the same.</summary>
internal interface IHistoryStore
{
    /// <summary>What it is called in messages.</summary>
    string Name { get; }

    /// <summary>For connections that only read.</summary>
    DataOptions Read { get; }

    /// <summary>What stands behind the making of a table whose rows are to stand in the order of their key; null for nothing.</summary>
    string? ByKey { get; }

    /// <summary>A connection that writes.</summary>
    DataConnection OpenWriter();

    /// <summary>Keeps others from making the tables at the same time, until the transaction ends.</summary>
    void LockSchema(DataConnection connection);

    /// <summary>Whether there is a table of that name.</summary>
    bool HasTable(DataConnection connection, string table);

    /// <summary>What is wrong with the pages and indexes; nothing where the database looks after them itself.</summary>
    IEnumerable<string> FaultsOfPages(DataConnection connection);

    /// <summary>After a table was made: what the mapping cannot say.</summary>
    void Finish<T>(DataConnection connection) where T : class;

    /// <summary>What writes rows of one table.</summary>
    /// <param name="connection">The writer's connection.</param>
    /// <param name="newest">The number of the handler's row that a row came from: the higher one stays. Null: what is there stays.</param>
    IUpsert<T> Upsert<T>(DataConnection connection, string? newest = null) where T : class, ISummedRow;

    /// <summary>Lets go of connections that are kept for reuse.</summary>
    void ClosePools();
}

/// <summary>Writes rows of one table, within a transaction of the connection.</summary>
internal interface IUpsert<in T> : IDisposable
{
    /// <summary>Writes a row, at the latest with <see cref="Flush"/>.</summary>
    void Run(T row);

    /// <summary>Writes what is left.</summary>
    void Flush();
}
