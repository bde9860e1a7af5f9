namespace FtpActors.Node.Http;

/// <summary>What an endpoint takes and answers: for the check of its parameters, the OpenAPI document and the page of the API.</summary>
/// <param name="Summary">What it does, in a sentence.</param>
/// <param name="Kind">The form of its answer.</param>
/// <param name="Shape">Name of what is in it, in <see cref="Shapes"/>.</param>
/// <param name="Parameters">Names of its query's parameters.</param>
internal sealed record Description(string Summary, AnswerKind Kind, string Shape, IReadOnlyList<string> Parameters)
{
    private static readonly string[] OfPages = ["limit", "cursor"];

    /// <summary>Every parameter that it knows.</summary>
    public IReadOnlyList<string> Known { get; } = Kind == AnswerKind.Page ? [.. Parameters, .. OfPages] : Parameters;

    /// <summary>The description of the endpoint that a request has reached.</summary>
    public static Description Of(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<Description>() ?? throw new InvalidOperationException($"The endpoint of {http.Request.Path} has no description.");
}

/// <summary>The form of an answer.</summary>
internal enum AnswerKind
{
    /// <summary>One object.</summary>
    One,
    /// <summary>A list that is always whole.</summary>
    List,
    /// <summary>A list in parts.</summary>
    Page,
    /// <summary>Server-sent events.</summary>
    Stream,
}

/// <summary>Gives endpoints their description.</summary>
internal static class Describing
{
    public static IEndpointConventionBuilder Describe(this IEndpointConventionBuilder endpoint, string summary, AnswerKind kind, string shape, params string[] parameters) =>
        endpoint.WithMetadata(new Description(summary, kind, shape, parameters));
}
