using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Cluster;
using Akka.Management.Cluster.Bootstrap;
using Akka.Management.Dsl;
using Newtonsoft.Json;
using static Akka.Management.Cluster.Bootstrap.ContactPoint.HttpBootstrapJsonProtocol;

namespace FtpActors.Node.Hosting;

/// <summary>
/// Answers the other nodes that look for a cluster: which one this node knows (<c>GET /bootstrap/seed-nodes</c> of Akka.Management). Kestrel does it, because Akka.Management's own HTTP server needs a
/// version of its library (Ceen.Httpd 0.9.9) that is not to be had.
/// </summary>
internal static class ContactPoint
{
    /// <summary>Opens it, until the actor system ends.</summary>
    /// <exception cref="IOException">The address cannot be listened at.</exception>
    public static async Task OpenAsync(ActorSystem system, DnsEndPoint listen)
    {
        var self = new UriBuilder("http", listen.Host, listen.Port).Uri;
        // Empty, as that of the API; a name in the place of the address would have Kestrel listen everywhere.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "ftpactors", ContentRootPath = AppContext.BaseDirectory });
        var addresses = await Dns.GetHostAddressesAsync(listen.Host);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o => o.Listen(addresses[0], listen.Port));
        builder.Services.AddRouting();
        var server = builder.Build();
        server.UseRouting();
        server.MapGet("/bootstrap/seed-nodes", () => Answer(Cluster.Get(system)));
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "close the contact point", async () =>
        {
            await server.DisposeAsync();
            return Akka.Done.Instance;
        });
        await server.StartAsync();
        // This is how the bootstrap learns where it is asked itself.
        ClusterBootstrap.Get(system).Routes(ManagementRouteProviderSettings.Create(self, readOnly: true));
    }

    private static IResult Answer(Cluster cluster)
    {
        // One that goes is no node to join by.
        if (cluster.SelfMember.Status is MemberStatus.Down or MemberStatus.Exiting or MemberStatus.Leaving or MemberStatus.Removed && cluster.State.Members.Count > 0)
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        var members = cluster.State.Members.Except(cluster.State.Unreachable).Where(m => m.Status is MemberStatus.Up or MemberStatus.WeaklyUp or MemberStatus.Joining)
            .Select(m => new ClusterMember(m.Address, m.UniqueAddress.Uid, m.Status, m.Roles));
        return Results.Text(JsonConvert.SerializeObject(new SeedNodes(cluster.SelfAddress, members.ToImmutableList())), "application/json");
    }
}
