using System.Globalization;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// Tells the owner of a shard, on whatever node, that something has become due there by somebody else's hand. Heard with the commit, and once
/// for all notes of one shard in a transaction. The steps of an owner tell nobody: it knows.
/// </summary>
internal static class DueNote
{
    public const string Channel = "ftpactors_due";

    public static Task TellAsync(NpgsqlConnection connection, int shard) =>
        connection.RunAsync(SqlTexts.NotifyDue, shard.ToString(CultureInfo.InvariantCulture));

    public static int Shard(string payload) => int.Parse(payload, CultureInfo.InvariantCulture);
}
