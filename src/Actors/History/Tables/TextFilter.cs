using System.Linq.Expressions;
using LinqToDB;

namespace FtpActors.Actors.History.Tables;

/// <summary>The texts of people's filters: exact unless they have a star.</summary>
internal static class TextFilter
{
    /// <summary>Rows one of whose columns fits; all when there is no filter.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="filter">The filter, null for any.</param>
    /// <param name="columns">Names of the properties.</param>
    public static IQueryable<T> WhereText<T>(this IQueryable<T> rows, string? filter, params IEnumerable<string> columns)
    {
        if (filter is null)
            return rows;
        var hasStar = filter.Contains('*', StringComparison.Ordinal);
        // A captured variable becomes a parameter of the statement.
        Expression<Func<string>> value = () => filter;
        var row = Expression.Parameter(typeof(T));
        var fits = columns.Select(c => Expression.Property(row, c)).Select(column => hasStar
            ? (Expression)Expression.Call(((Func<string, string, bool>)IsLike).Method, column, value.Body)
            : Expression.Equal(column, value.Body));
        return rows.Where(Expression.Lambda<Func<T, bool>>(fits.Aggregate(Expression.OrElse), row));
    }

    // Only the star is special to people. SQLite's GLOB knows "?" and "[", too, which names contain: as a set of one they mean themselves. PostgreSQL's LIKE has other words.
    [Sql.Expression(ProviderName.SQLite, "{0} GLOB replace(replace({1}, '[', '[[]'), '?', '[?]')", ServerSideOnly = true, IsPredicate = true)]
    [Sql.Expression(
        ProviderName.PostgreSQL, @"{0} LIKE replace(replace(replace(replace({1}, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')", ServerSideOnly = true, IsPredicate = true)]
    private static bool IsLike(string text, string pattern) => throw new NotSupportedException("It is a part of a statement.");
}
