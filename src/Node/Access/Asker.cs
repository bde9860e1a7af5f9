using System.Net;

namespace FtpActors.Node.Access;

/// <summary>Who sent a request.</summary>
/// <param name="Name">Name of the token, or where the request came from when it needs none.</param>
/// <param name="Role">What it may do.</param>
internal sealed record Asker(string Name, Role Role)
{
    /// <summary>A request on loopback that needs no token.</summary>
    public static Asker Loopback { get; } = new("loopback", Role.Operator);

    /// <summary>Who sent this request; set before any endpoint is reached.</summary>
    public static Asker Of(HttpContext http) => http.Features.Get<Asker>() ?? throw new InvalidOperationException("Nobody has looked at who asks.");

    /// <summary>Address of the other end.</summary>
    public static IPAddress AddressOf(HttpContext http) => http.Connection.RemoteIpAddress ?? IPAddress.None;
}
