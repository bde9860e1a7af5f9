using System.Globalization;
using System.Text;
using FtpActors.Actors.Actions.Linux;

namespace FtpActors.Actors.Actions;

/// <summary>
/// The variables that pure-uploadscript gives its hook (pure-uploadscript.c of Pure-FTPd 1.0.50): size, permissions in octal without a
/// leading zero, owner and group as the file is now. Names that do not exist leave their variable unset. A path that is no regular file
/// gets none of them; only the login stays.
/// </summary>
internal static class UploadEnvironment
{
    public static void Add(Dictionary<string, byte[]> variables, byte[] path, string? user)
    {
        if (!string.IsNullOrEmpty(user))
            variables["UPLOAD_VUSER"] = variables["FTP_USER"];
        if (FileFacts.Of(path) is not { IsRegular: true } file)
            return;
        Set("UPLOAD_SIZE", file.Size.ToString(CultureInfo.InvariantCulture));
        Set("UPLOAD_PERMS", Convert.ToString(file.Permissions, 8));
        Set("UPLOAD_UID", file.UserId.ToString(CultureInfo.InvariantCulture));
        Set("UPLOAD_GID", file.GroupId.ToString(CultureInfo.InvariantCulture));
        Set("UPLOAD_USER", Accounts.UserName(file.UserId));
        Set("UPLOAD_GROUP", Accounts.GroupName(file.GroupId));

        void Set(string name, string? value)
        {
            if (value is not null)
                variables[name] = Encoding.UTF8.GetBytes(value);
        }
    }
}
