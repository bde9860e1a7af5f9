namespace FtpActors.Actors.Tests;

/// <summary>A shell script in a folder of its own.</summary>
internal sealed class Script : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("script-").FullName;

    public Script(string body)
    {
        File.WriteAllText(Path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    public string Path => System.IO.Path.Combine(_folder, "script");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
