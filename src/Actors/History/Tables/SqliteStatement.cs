using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FtpActors.Actors.History.Tables;

/// <summary>
/// A prepared statement without an answer, whose parameters are bound by number: a command of ADO.NET looks each one up by its name for every row, and
/// takes five times as long with all it does. Parameters count from 1.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(SqliteConnection connection, string text)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
    }

    public void Bind(int parameter, int value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    public void Bind(int parameter, int? value) => Bind(parameter, (long?)value);

    public void Bind(int parameter, long value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    public void Bind(int parameter, long? value) =>
        Check(value is { } known ? raw.sqlite3_bind_int64(_statement, parameter, known) : raw.sqlite3_bind_null(_statement, parameter));

    public void Bind(int parameter, double value) => Check(raw.sqlite3_bind_double(_statement, parameter, value));

    public void Bind(int parameter, double? value) =>
        Check(value is { } known ? raw.sqlite3_bind_double(_statement, parameter, known) : raw.sqlite3_bind_null(_statement, parameter));

    public void Bind(int parameter, string? text)
    {
        if (text is null)
        {
            Check(raw.sqlite3_bind_null(_statement, parameter));
            return;
        }
        text = StoredText.Of(text);
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= 512)
        {
            Span<byte> small = stackalloc byte[512];
            Bind(parameter, small[..Encoding.UTF8.GetBytes(text, small)]);
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(most);
        Bind(parameter, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Runs it; then it can be bound anew.</summary>
    public void Run()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_DONE)
            result = raw.sqlite3_reset(_statement);
        Check(result);
    }

    public void Dispose() => _statement.Dispose();

    // The pointer of an empty span would mean NULL.
    private void Bind(int parameter, ReadOnlySpan<byte> utf8) => Check(utf8.IsEmpty
        ? raw.sqlite3_bind_text(_statement, parameter, "")
        : raw.sqlite3_bind_text(_statement, parameter, utf8));

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, _database);
}
