namespace FtpActors.Protocol.PureFtpd;

/// <summary>One record of Pure-FTPd's upload pipe. It says nothing of size, time, client or success: aborted uploads are reported too.</summary>
/// <param name="Account">Login name, in the form of <see cref="ReversibleText"/>; up to 128 bytes in Debian's build, 127 upstream.</param>
/// <param name="Path">Full path on the host, in the form of <see cref="ReversibleText"/>; the server resolves links and puts the chroot in front.</param>
public sealed record UploadRecord(string Account, string Path);

/// <summary>The next bytes of the pipe: one record, or bytes that are none.</summary>
/// <param name="Length">How many bytes, from 1.</param>
/// <param name="Record">The record, null when the bytes are none.</param>
/// <param name="Reason">Why they are none, for a person; null when they are.</param>
public readonly record struct UploadPipePiece(int Length, UploadRecord? Record, string? Reason);
