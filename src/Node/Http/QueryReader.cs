using System.Globalization;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>A parameter of a request that cannot be used; becomes a 400 with problem details.</summary>
internal sealed class BadQueryException(string message) : Exception(message);

/// <summary>Reads the parameters of a request; unknown ones are refused, so that a typing error does not silently select everything.</summary>
internal sealed class QueryReader
{
    private readonly IQueryCollection _query;
    private readonly DateTimeOffset _now;

    /// <param name="http">A request to an endpoint whose description names the parameters.</param>
    /// <param name="now">What durations go back from.</param>
    public QueryReader(HttpContext http, DateTimeOffset now)
    {
        (_query, _now) = (http.Request.Query, now);
        var known = Description.Of(http).Known;
        foreach (var name in _query.Keys)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw new BadQueryException($"There is no parameter '{name}' here; known: {string.Join(", ", known)}.");
        }
    }

    public string? Text(string name) => _query.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;

    public DateTimeOffset? Moment(string name) => Text(name) is not { } text ? null
        : Moments.TryParse(text, _now, out var moment) ? moment
        : throw new BadQueryException($"'{name}={text}' is neither a duration back from now (7d, 2h, 10m) nor a time (2026-01-31T12:00:00Z).");

    /// <summary>The part of a list that is wanted.</summary>
    public Page Page() => Http.Page.Read(Text("cursor"), Count("limit"), Text("last") is null ? null : Count("last"));

    public int? Count(string name) => Text(name) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n
        : throw new BadQueryException($"'{name}={text}' must be a whole number from 1 to {int.MaxValue}.");

    /// <summary>Whole numbers from 1, separated by commas or given one by one; null when there are none.</summary>
    public IReadOnlyList<long>? Ids(string name) => Text(name) is not { } text ? null
        : [.. text.Split(',').Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n
            : throw new BadQueryException($"'{name}={text}' must be numbers from 1, separated by commas."))];

    public bool? Flag(string name) => Text(name) is not { } text ? null
        : bool.TryParse(text, out var flag) ? flag
        : throw new BadQueryException($"'{name}={text}' must be true or false.");

    public EventKind? Kind(string name) => Text(name) is not { } text ? null
        : Names.TryKind(text, out var kind) ? kind
        : throw new BadQueryException($"'{name}={text}' is no kind of event; known: {string.Join(", ", Names.AllKinds)}.");
}
