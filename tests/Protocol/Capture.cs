namespace FtpActors.Protocol.Tests;

/// <summary>Bytes taken from real servers.</summary>
internal static class Capture
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Captures", name);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));
}
