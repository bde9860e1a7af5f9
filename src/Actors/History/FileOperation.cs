using FtpActors.Protocol;

namespace FtpActors.Actors.History;

/// <summary>One thing that was done, or tried, to a file or folder: who, what, when, from where, and how it ended.</summary>
public sealed record FileOperation
{
    /// <summary>Spool id of its event.</summary>
    public required string Spool { get; init; }
    /// <summary>Seq of its event.</summary>
    public required long Seq { get; init; }
    /// <summary>Id of the session it belongs to, null when it has none.</summary>
    public string? Session { get; init; }
    /// <summary>Number of the handler that owns it.</summary>
    public required int Handler { get; init; }
    /// <summary>What was done.</summary>
    public required EventKind Kind { get; init; }
    /// <summary>FTP host.</summary>
    public required string Host { get; init; }
    /// <summary>The server or virtual domain on that host, "" when unknown.</summary>
    public required string Service { get; init; }
    /// <summary>Name of the source.</summary>
    public required string Source { get; init; }
    /// <summary>Login name, "" when unknown.</summary>
    public required string User { get; init; }
    /// <summary>The client, "" when unknown.</summary>
    public required string RemoteHost { get; init; }
    /// <summary>The file or folder.</summary>
    public required string Path { get; init; }
    /// <summary>New name of a rename, the link of a symlink.</summary>
    public string? PathTo { get; init; }
    /// <summary>Temporary name that a finished upload had before.</summary>
    public string? PathFrom { get; init; }
    /// <summary>Bytes transferred, null when unknown.</summary>
    public long? Bytes { get; init; }
    /// <summary>Duration in seconds, null when unknown.</summary>
    public double? Seconds { get; init; }
    /// <summary>How it ended.</summary>
    public EventStatus Status { get; init; }
    /// <summary>When it began by the server's account, null when that is not said.</summary>
    public DateTimeOffset? StartedAt { get; init; }
    /// <summary>When our node received it.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }
    /// <summary>What a reader should know about the making of its event.</summary>
    public EventFlags Flags { get; init; }

    /// <summary>The operation of an event; null when the event names no file (login, logout) or only says that something still runs.</summary>
    /// <param name="stored">The event.</param>
    /// <param name="session">Id of the session it was counted on, null when there is none.</param>
    /// <param name="handler">Number of the handler that applied it.</param>
    public static FileOperation? Of(StoredEvent stored, string? session, int handler)
    {
        var e = stored.Event;
        return e.Path is null || e.Kind is EventKind.Login or EventKind.LoginFailed or EventKind.Logout or EventKind.Progress ? null : new FileOperation
        {
            Spool = stored.Spool, Seq = stored.Seq, Session = session, Handler = handler, Kind = e.Kind, Host = e.Host, Service = e.Service,
            Source = e.Source, User = e.User, RemoteHost = e.RemoteHost, Path = e.Path, PathTo = e.PathTo, PathFrom = e.PathFrom, Bytes = e.Bytes,
            Seconds = e.Seconds, Status = e.Status, StartedAt = e.Time, ReceivedAt = e.ReceivedAt, Flags = e.Flags,
        };
    }
}

/// <summary>Filters for file operations; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record OperationQuery
{
    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this user.</summary>
    public string? User { get; init; }
    /// <summary>Only these paths: the file, or the new name of a rename.</summary>
    public string? Path { get; init; }
    /// <summary>Only this kind.</summary>
    public EventKind? Kind { get; init; }
    /// <summary>Only this host.</summary>
    public string? Host { get; init; }
    /// <summary>Only of the session with this id.</summary>
    public string? Session { get; init; }
    /// <summary>Only what follows this place of the list: when an operation was received, and its event.</summary>
    public (DateTimeOffset ReceivedAt, string Spool, long Seq)? After { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}
