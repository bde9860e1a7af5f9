namespace FtpActors.Ingest.Linux;

/// <summary>Error numbers of errno.h that the sources tell apart; the same on x86-64 and arm64 (asm-generic).</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int E2BIG = 7;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EINVAL = 22;
    public const int ENOTDIR = 20;
    public const int ENOSPC = 28;
    public const int ENOSYS = 38;
    public const int ELOOP = 40;
    public const int ENOMSG = 42;
    public const int EIDRM = 43;
}
