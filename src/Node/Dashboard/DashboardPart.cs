using System.Reflection;
using FtpActors.Node.Access;
using FtpActors.Node.Http;

namespace FtpActors.Node.Dashboard;

/// <summary>The dashboard at <c>/</c>, its login, and its files, which are parts of the program: nothing comes from elsewhere.</summary>
internal static class DashboardPart
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml", [".html"] = "text/html; charset=utf-8",
    };

    private static readonly Dictionary<string, byte[]> Files = Read();

    public static void Map(IEndpointRouteBuilder routes, Gate gate)
    {
        routes.MapGet("/", http => PageAsync(http, "index.html"));
        routes.MapGet("/login", http => PageAsync(http, "login.html")).WithMetadata(Open.Instance);
        routes.MapPost("/login", http => LoginAsync(http, gate)).WithMetadata(Open.Instance, Readable.Instance);
        routes.MapPost("/logout", http =>
        {
            http.Response.Cookies.Delete(Gate.Cookie);
            http.Response.Redirect("/login");
            return Task.CompletedTask;
        }).WithMetadata(Open.Instance, Readable.Instance);
        routes.MapGet("/assets/{name}", (HttpContext http, string name) =>
        {
            if (!Files.TryGetValue(name, out var file) || name.EndsWith(".html", StringComparison.Ordinal))
                return Problems.WriteAsync(http, StatusCodes.Status404NotFound, $"There is nothing at {http.Request.Path}.");
            http.Response.ContentType = Types[Path.GetExtension(name)];
            // A new version of the program may have others.
            http.Response.Headers.CacheControl = "no-cache";
            return http.Response.Body.WriteAsync(file, http.RequestAborted).AsTask();
        }).WithMetadata(Open.Instance);
    }

    private static Task PageAsync(HttpContext http, string name)
    {
        PageHeaders.Set(http);
        return http.Response.Body.WriteAsync(Files[name], http.RequestAborted).AsTask();
    }

    // The cookie holds the token itself: it is checked at every request, so a revoked one is no login any more, and a restart of the node ends none.
    private static async Task LoginAsync(HttpContext http, Gate gate)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : null;
        var secret = form?["token"].ToString().Trim() ?? "";
        if (secret.Length == 0 || gate.Tokens.Find(secret) is null)
        {
            http.Response.Redirect("/login?failed");
            return;
        }
        http.Response.Cookies.Append(Gate.Cookie, secret, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", MaxAge = TimeSpan.FromDays(30),
        });
        http.Response.Redirect("/");
    }

    private static Dictionary<string, byte[]> Read()
    {
        var assembly = Assembly.GetExecutingAssembly();
        const string folder = "dashboard/";
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).ToDictionary(name => name[folder.Length..], name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }, StringComparer.Ordinal);
    }
}
