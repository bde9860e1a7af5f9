using FtpActors.Actors.History.Tables;

namespace FtpActors.Actors.History;

public sealed partial class HistoryDatabase
{
    private readonly CancellationTokenSource _closing = new();

    /// <summary>What of it is known to be damaged: found by <see cref="CheckAsync"/>, and by every read. Rows that are damaged are in no answer.</summary>
    public HistoryDamage Damage { get; }

    /// <summary>Looks at every page and every row, beside all else.</summary>
    /// <returns>How many rows were looked at.</returns>
    /// <exception cref="OperationCanceledException">It was ended, or the file was closed.</exception>
    public async Task<long> CheckAsync(CancellationToken cancel = default)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel, _closing.Token);
        var rows = await Task.Run(() => HistoryCheck.Run(_store, Damage, end.Token), end.Token).ConfigureAwait(false);
        Damage.IsChecked = true;
        return rows;
    }

    /// <summary>Looks at every page and every row of a file, beside a running node or without one; nothing is changed.</summary>
    /// <returns>How many rows were looked at, and what is damaged.</returns>
    /// <exception cref="HistoryVersionException">It was made by a version of the program that keeps it otherwise.</exception>
    public static (long Rows, HistoryDamage Damage) CheckFile(string folder)
    {
        var store = new SqliteHistory(Path.Combine(folder, FileName));
        var damage = new HistoryDamage(store.Name);
        try
        {
            return (HistoryCheck.Run(store, damage, CancellationToken.None), damage);
        }
        finally
        {
            store.ClosePools();
        }
    }
}
