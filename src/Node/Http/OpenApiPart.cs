using System.Text;
using System.Text.Encodings.Web;
using FtpActors.Node.Hosting;
using Microsoft.OpenApi;

namespace FtpActors.Node.Http;

/// <summary>
/// The description of the API: <c>/api/v1/openapi.json</c> by ASP.NET's own document, filled from the descriptions of the endpoints, and <c>/api</c>, the same as a page to read.
/// </summary>
internal static class OpenApiPart
{
    private static readonly Dictionary<string, (string Type, string Text)> Parameters = new(StringComparer.Ordinal)
    {
        ["since"] = ("string", "From then on: ISO 8601, or a duration back from now (7d, 2h)."),
        ["until"] = ("string", "Before then, likewise."),
        ["user"] = ("string", "Only this user; * stands for any characters."),
        ["host"] = ("string", "Only this FTP host; * stands for any characters."),
        ["path"] = ("string", "Only these paths; * stands for any characters."),
        ["kind"] = ("string", "Only this kind of event."),
        ["rule"] = ("string", "Only this rule."),
        ["state"] = ("string", "Only this state: due, done, dead, dropped."),
        ["replay"] = ("string", "Only of this replay."),
        ["session"] = ("string", "Only of the session with this id."),
        ["open"] = ("boolean", "Only open or only closed ones."),
        ["last"] = ("integer", "Only the last N that fit."),
        ["limit"] = ("integer", $"Most items of an answer, 1 to {Page.Largest}; {Page.Usual} when it is not given."),
        ["cursor"] = ("string", "The place where an answer begins: 'next' of the one before, with the same filters."),
        ["by"] = ("string", "What makes a group: user, host or remote."),
        ["id"] = ("string", "Numbers, separated by commas."),
        ["all"] = ("boolean", "Every one; needed when nothing else picks them."),
        ["apply"] = ("boolean", "Puts right what differs."),
        ["dry_run"] = ("boolean", "Counts and makes nothing."),
        ["name"] = ("string", "What the rules are called in reports."),
        ["member"] = ("string", "Name of a member."),
        ["address"] = ("string", "HOST:PORT of a member."),
        ["node"] = ("string", "In a cluster: name of the node that is to answer."),
    };

    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, context, _) =>
    {
        Fill(document, context.ApplicationServices.GetRequiredService<EndpointDataSource>());
        return Task.CompletedTask;
    }));

    public static void Map(WebApplication app)
    {
        app.MapOpenApi("/api/{documentName}/openapi.json");
        app.MapGet("/api", http =>
        {
            PageHeaders.Set(http);
            return http.Response.WriteAsync(ToPage(Endpoints(http.RequestServices.GetRequiredService<EndpointDataSource>())));
        });
    }

    private static List<(string Method, string Path, Description Description)> Endpoints(EndpointDataSource source) =>
    [
        .. from endpoint in source.Endpoints.OfType<RouteEndpoint>()
           let description = endpoint.Metadata.GetMetadata<Description>()
           let method = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0]
           where description is not null && method is not null
           select (method, endpoint.RoutePattern.RawText!.Replace(":long", "", StringComparison.Ordinal), description),
    ];

    private static void Fill(OpenApiDocument document, EndpointDataSource source)
    {
        document.Info = new OpenApiInfo
        {
            Title = "FtpActors", Version = FtpNode.Version, Description = "What a node knows of FTP sessions, files, rules and deliveries. Errors are problem details (RFC 9457).",
        };
        document.Servers = [];
        document.Components = new OpenApiComponents
        {
            Schemas = Shapes.All.ToDictionary(s => s.Key, s => (IOpenApiSchema)ObjectOf(s.Value, document), StringComparer.Ordinal),
            SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                ["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "Made by 'ftpactors token new'. On loopback none is needed, unless api.tokens_on_loopback says so." },
            },
        };
        document.Paths = [];
        document.RegisterComponents();
        foreach (var group in Endpoints(source).GroupBy(e => e.Path, StringComparer.Ordinal))
        {
            document.Paths[group.Key] = new OpenApiPathItem
            {
                Operations = group.ToDictionary(e => new HttpMethod(e.Method), e => Operation(e.Method, e.Path, e.Description, document)),
            };
        }
    }

    private static OpenApiOperation Operation(string method, string path, Description description, OpenApiDocument document)
    {
        var shape = new OpenApiSchemaReference(description.Shape, document);
        IOpenApiSchema answer = description.Kind is AnswerKind.Page or AnswerKind.List ? ListOf(shape) : shape;
        var parameters = description.Known.Append("node").Select(Query).Concat(InPath(path)).ToList<IOpenApiParameter>();
        return new OpenApiOperation
        {
            Summary = description.Summary,
            OperationId = $"{method.ToLowerInvariant()}{string.Concat(path.Split('/', '{', '}', '-')[3..].Select(part => part.Length == 0 ? "" : char.ToUpperInvariant(part[0]) + part[1..]))}",
            Tags = new HashSet<OpenApiTagReference> { new(path.Split('/')[3], document) },
            Parameters = parameters,
            Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }],
            Responses = new OpenApiResponses
            {
                ["200"] = new OpenApiResponse
                {
                    Description = description.Kind == AnswerKind.Stream ? "Events, each with such an object." : "The answer.",
                    Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                    {
                        [description.Kind == AnswerKind.Stream ? "text/event-stream" : "application/json"] = new OpenApiMediaType { Schema = answer },
                    },
                },
                ["default"] = new OpenApiResponse
                {
                    Description = "It was refused, or failed.",
                    Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                    {
                        ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference("Problem", document) },
                    },
                },
            },
        };
    }

    private static OpenApiParameter Query(string name) =>
        new() { Name = name, In = ParameterLocation.Query, Description = Parameters[name].Text, Schema = new OpenApiSchema { Type = Simple(Parameters[name].Type) } };

    private static IEnumerable<OpenApiParameter> InPath(string path) =>
        path.Split('{').Skip(1).Select(part => part.Split('}')[0]).Select(name => new OpenApiParameter
        {
            Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    private static OpenApiSchema ListOf(IOpenApiSchema item) => new()
    {
        Type = JsonSchemaType.Object, Required = new HashSet<string>(StringComparer.Ordinal) { "items", "next" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["items"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = item },
            ["next"] = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null, Description = "Cursor of what follows; null at the end." },
        },
    };

    private static OpenApiSchema ObjectOf(string fields, OpenApiDocument document)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = false, Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
            Required = new HashSet<string>(StringComparer.Ordinal),
        };
        foreach (var field in fields.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, type) = field.Split(':') is [var n, var t] ? (n, t) : throw new InvalidOperationException($"'{field}' is no field of a shape.");
            if (!name.EndsWith('?'))
                schema.Required.Add(name);
            schema.Properties[name.TrimEnd('?')] = TypeOf(type, document);
        }
        return schema;
    }

    private static IOpenApiSchema TypeOf(string type, OpenApiDocument document)
    {
        if (type.EndsWith("[]", StringComparison.Ordinal))
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = TypeOf(type[..^2], document) };
        var nullable = type.EndsWith('?') ? JsonSchemaType.Null : 0;
        var plain = type.TrimEnd('?');
        if (Shapes.All.ContainsKey(plain))
        {
            return nullable == 0
                ? new OpenApiSchemaReference(plain, document)
                : new OpenApiSchema { OneOf = [new OpenApiSchemaReference(plain, document), new OpenApiSchema { Type = JsonSchemaType.Null }] };
        }
        return plain switch
        {
            "any" => new OpenApiSchema(),
            "map" => new OpenApiSchema { Type = JsonSchemaType.Object },
            "time" => new OpenApiSchema { Type = JsonSchemaType.String | nullable, Format = "date-time" },
            _ => new OpenApiSchema { Type = Simple(plain) | nullable },
        };
    }

    private static JsonSchemaType Simple(string type) => type switch
    {
        "string" => JsonSchemaType.String,
        "integer" => JsonSchemaType.Integer,
        "number" => JsonSchemaType.Number,
        "boolean" => JsonSchemaType.Boolean,
        _ => throw new InvalidOperationException($"'{type}' is no type of a shape."),
    };

    private static string ToPage(List<(string Method, string Path, Description Description)> endpoints)
    {
        var page = new StringBuilder("""
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>API · FtpActors</title>
            <link rel="stylesheet" href="/assets/style.css"><link rel="icon" href="/assets/icon.svg"></head><body><main class="prose"><h1>API</h1>
            <p>Everything the commands show and do, over HTTP. A program reads <a href="/api/v1/openapi.json">the OpenAPI document</a>. Lists are
            <code>{"items": […], "next": cursor}</code>; errors are problem details. <a href="/">Dashboard</a></p>
            """);
        foreach (var group in endpoints.GroupBy(e => e.Path.Split('/')[3], StringComparer.Ordinal))
        {
            page.Append($"<h2>{Escaped(group.Key)}</h2>");
            foreach (var (method, path, description) in group)
            {
                page.Append($"<h3><code>{method} {Escaped(path)}</code></h3><p>{Escaped(description.Summary)}</p>");
                if (description.Known.Count > 0)
                {
                    page.Append("<dl>");
                    foreach (var name in description.Known)
                        page.Append($"<dt><code>{Escaped(name)}</code></dt><dd>{Escaped(Parameters[name].Text)}</dd>");
                    page.Append("</dl>");
                }
                var fields = Shapes.All[description.Shape].Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split(':')[0].TrimEnd('?'));
                page.Append($"<p>{Escaped(Form(description.Kind))} <code>{Escaped(string.Join(' ', fields))}</code></p>");
            }
        }
        return page.Append("</main></body></html>").ToString();
    }

    private static string Form(AnswerKind kind) => kind switch
    {
        AnswerKind.One => "Answer:",
        AnswerKind.Stream => "Server-sent events:",
        _ => "Items:",
    };

    private static string Escaped(string text) => HtmlEncoder.Default.Encode(text);
}
