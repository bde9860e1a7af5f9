using System.Net;
using System.Text.Json;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Node.Text;

/// <summary>Open sessions of the API as rows of pure-ftpwho. What a source does not say is 0 or empty.</summary>
internal static class FtpwhoRows
{
    /// <summary>The row of a session.</summary>
    /// <param name="session">The API's object.</param>
    /// <param name="now">The time of printing.</param>
    public static FtpwhoRow Of(JsonElement session, DateTimeOffset now)
    {
        // Only Pure-FTPd's own name of a session has its process and the second of its start; we may have seen it later.
        if (!PureFtpdSession.TryParse(session.Text("session"), out var startedAt, out var pid))
            startedAt = session.Moment("opened_at") ?? now;
        var (localHost, localPort) = Local(session);
        var row = new FtpwhoRow
        {
            Pid = pid, Account = session.Text("user") is { Length: > 0 } user ? user : "?", Seconds = FtpwhoRow.SecondsBetween(startedAt, now),
            Peer = session.Text("remote_host"), LocalHost = localHost, LocalPort = localPort,
        };
        return session.Text("state") switch
        {
            "downloading" => WithTransfer(row, ScoreboardState.Download, session, now) with { TotalSize = session.Whole("bytes_total") },
            "uploading" => WithTransfer(row, ScoreboardState.Upload, session, now),
            _ => row,
        };
    }

    private static FtpwhoRow WithTransfer(FtpwhoRow row, ScoreboardState state, JsonElement session, DateTimeOffset now)
    {
        var current = session.Whole("bytes_now");
        // As the original: a place behind the present one belongs to another transfer.
        var restartAt = session.Whole("restart_at") is var place && place <= current ? place : 0;
        return row with
        {
            State = state, File = session.Text("path"), RestartAt = restartAt, CurrentSize = current,
            BytesPerSecond = session.Moment("transfer_started_at") is { } started
                ? FtpwhoRow.Rate(current, restartAt, FtpwhoRow.SecondsBetween(started, now))
                : (long)session.Number("rate"),
        };
    }

    // Without -n the original prints the name of its machine; we print the name of the FTP host where the address is not known.
    private static (string Host, int Port) Local(JsonElement session) => IPEndPoint.TryParse(session.Text("local"), out var local)
        ? (local.Address.ToString(), local.Port)
        : (session.Text("host"), 0);
}
