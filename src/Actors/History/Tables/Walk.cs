using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Data;

namespace FtpActors.Actors.History.Tables;

/// <summary>
/// A long answer in the order of a key, page by page, so that a slow reader holds neither a connection nor a snapshot of the file.
/// </summary>
/// <param name="readers">Read the pages.</param>
/// <param name="damage">Rows that are damaged are left out, and noted here.</param>
/// <param name="forwards">Puts rows in order.</param>
/// <param name="backwards">Puts them in the opposite order.</param>
/// <param name="after">Leaves out all rows up to one.</param>
internal sealed class Walk<T>(
    Readers readers, HistoryDamage damage, Func<IQueryable<T>, IQueryable<T>> forwards, Func<IQueryable<T>, IQueryable<T>> backwards, Func<IQueryable<T>, T, IQueryable<T>> after)
    where T : class, ISummedRow
{
    private const int PageRows = 500;

    /// <summary>The rows of a filter.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="last">Only the last n; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="start">The row before the first; null for all.</param>
    public async IAsyncEnumerable<T> ReadAsync(
        Func<IQueryable<T>, IQueryable<T>> filter, int? last, [EnumeratorCancellation] CancellationToken cancel, T? start = null)
    {
        if (last <= 0)
            yield break;
        // The row before the first one that is wanted.
        var place = last is { } most
            ? await readers.ReadAsync(db => backwards(filter(db.GetTable<T>())).Skip(most).FirstOrDefault(), cancel).ConfigureAwait(false)
            : start;
        for (var left = last ?? long.MaxValue; ;)
        {
            var page = await readers.ReadAsync(db => ReadPage(db, filter, place), cancel).ConfigureAwait(false);
            foreach (var row in page)
            {
                if (left-- == 0)
                    yield break;
                if (damage.Passes(row))
                    yield return row;
            }
            if (page.Count < PageRows)
                yield break;
            place = page[^1];
        }
    }

    private List<T> ReadPage(DataConnection db, Func<IQueryable<T>, IQueryable<T>> filter, T? place)
    {
        var rows = filter(db.GetTable<T>());
        return [.. forwards(place is null ? rows : after(rows, place)).Take(PageRows)];
    }
}
