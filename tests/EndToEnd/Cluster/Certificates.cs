using System.Diagnostics;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>An authority and certificates of nodes, made as a site makes them: by <c>docker/make-secrets</c>. Gone after the test.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>A new authority and a certificate for each name.</summary>
    public static async Task<Certificates> MakeAsync(params string[] names)
    {
        var made = new Certificates();
        await made.RunAsync(names);
        return made;
    }

    /// <summary>A file of theirs.</summary>
    public string this[string name] => _folder[name];

    /// <summary>The setting <c>cluster.tls</c>, with a comma before it.</summary>
    public string Setting(string name = "node") => $$""", "tls": { "certificate": "{{this[name]}}.pem", "key": "{{this[name]}}.key", "ca": "{{this["ca.pem"]}}" }""";

    /// <summary>The script once more, for the same folder.</summary>
    public async Task RunAsync(params string[] arguments)
    {
        var (code, errors) = await TryAsync(arguments);
        Assert.True(code == 0, errors);
    }

    /// <summary>The same, with its exit code and what it said.</summary>
    public async Task<(int Code, string Errors)> TryAsync(params string[] arguments)
    {
        var script = Path.Combine(Path.GetDirectoryName(Program.Dll)!, "../../../../../../docker/make-secrets");
        using var process = Process.Start(new ProcessStartInfo(script, ["--folder", _folder.Path, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, errors);
    }

    public void Dispose() => _folder.Dispose();
}
