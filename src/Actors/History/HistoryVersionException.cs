namespace FtpActors.Actors.History;

/// <summary>A history that another version of the program made, and keeps otherwise. Its message names the file and the way out.</summary>
public sealed class HistoryVersionException : Exception
{
    /// <summary>For a person.</summary>
    public HistoryVersionException(string message) : base(message)
    {
    }

    /// <summary>Without words.</summary>
    public HistoryVersionException()
    {
    }

    /// <summary>With its cause.</summary>
    public HistoryVersionException(string message, Exception inner) : base(message, inner)
    {
    }
}
