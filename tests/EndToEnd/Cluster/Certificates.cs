using System.Diagnostics;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Certificates as a site makes them: by <c>docker/make-secrets</c>.</summary>
internal static class Certificates
{
    /// <summary>A new authority and a certificate.</summary>
    /// <returns>The setting <c>cluster.tls</c>, with a comma before it.</returns>
    public static async Task<string> MakeAsync(string name = "node")
    {
        var folder = Directory.CreateTempSubdirectory("ftpactors-tls-").FullName;
        await MakeAsync(folder, name);
        return $$""", "tls": { "certificate": "{{folder}}/{{name}}.pem", "key": "{{folder}}/{{name}}.key", "ca": "{{folder}}/ca.pem" }""";
    }

    public static async Task MakeAsync(string folder, params string[] arguments)
    {
        var script = Path.Combine(Path.GetDirectoryName(Program.Dll)!, "../../../../../../docker/make-secrets");
        using var process = Process.Start(new ProcessStartInfo(script, ["--folder", folder, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }
}
