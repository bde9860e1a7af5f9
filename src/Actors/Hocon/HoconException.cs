namespace FtpActors.Actors.Hocon;

/// <summary>A text is not HOCON, or asks for something that is not there. The message begins with line and column.</summary>
public sealed class HoconException : Exception
{
    internal HoconException(Place at, string what)
        : base($"line {at.Line}, column {at.Column}: {what}") => File = at.File;

    /// <summary>The file it is about: the one that was read, or one that it includes.</summary>
    public string File { get; }
}
