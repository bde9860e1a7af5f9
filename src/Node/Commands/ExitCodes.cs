namespace FtpActors.Node.Commands;

/// <summary>Exit codes of the program; README.md lists them.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The command was understood and failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, a configuration that cannot be used, or no node there.</summary>
    public const int Usage = 2;
}
