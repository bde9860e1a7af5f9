using System.Buffers;
using System.Text;
using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>A prepared statement. Parameters count from 1 and keep their values until bound anew; columns count from 0.</summary>
internal sealed class Statement(sqlite3 db, sqlite3_stmt statement) : IDisposable
{
    public Statement Bind(int parameter, long value) => Checked(raw.sqlite3_bind_int64(statement, parameter, value));

    public Statement Bind(int parameter, double value) => Checked(raw.sqlite3_bind_double(statement, parameter, value));

    public Statement Bind(int parameter, long? value) => value is { } number ? Bind(parameter, number) : BindNull(parameter);

    /// <summary>Text that is UTF-8 already. The pointer of an empty span would mean NULL, so that case goes by string.</summary>
    public Statement Bind(int parameter, ReadOnlySpan<byte> utf8) => Checked(utf8.IsEmpty
        ? raw.sqlite3_bind_text(statement, parameter, "")
        : raw.sqlite3_bind_text(statement, parameter, utf8));

    public Statement Bind(int parameter, string? text)
    {
        if (text is null)
            return BindNull(parameter);

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= 512)
        {
            Span<byte> small = stackalloc byte[512];
            return Bind(parameter, small[..Encoding.UTF8.GetBytes(text, small)]);
        }
        var rented = ArrayPool<byte>.Shared.Rent(most);
        Bind(parameter, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
        return this;
    }

    public Statement BindBlob(int parameter, byte[] bytes) => Checked(bytes.Length == 0
        ? raw.sqlite3_bind_zeroblob(statement, parameter, 0)
        : raw.sqlite3_bind_blob(statement, parameter, bytes));

    public Statement BindNull(int parameter) => Checked(raw.sqlite3_bind_null(statement, parameter));

    /// <summary>True when there is a row to read; after false the statement is ready to be bound again.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
            return true;

        // The message belongs to the failure and is gone after the reset.
        var failure = result == raw.SQLITE_DONE ? null : new SqliteFailure(result, raw.sqlite3_errmsg(db).utf8_to_string());
        raw.sqlite3_reset(statement);
        return failure is null ? false : throw failure;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Leaves the rows that were not read. An open statement would hold its snapshot of the file.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public double Real(int column) => raw.sqlite3_column_double(statement, column);

    /// <summary>Bytes of a blob or of a text, valid until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(Bytes(column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public void Dispose() => statement.Dispose();

    private Statement Checked(int result) =>
        result == raw.SQLITE_OK ? this : throw new SqliteFailure(result, raw.sqlite3_errmsg(db).utf8_to_string());
}
