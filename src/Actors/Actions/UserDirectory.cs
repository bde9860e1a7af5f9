using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Actions;

/// <summary>
/// The site's users in a CSV file, read again when it has changed (looked at on use, at most once a second). A file that is
/// gone or wrong leaves the users of the last good one and is told by <see cref="Problems"/>. Safe for callers on any thread.
/// </summary>
public sealed class UserDirectory
{
    private const long LongestFile = 256 << 20;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private UserTable _users = UserTable.Empty;
    private IReadOnlyList<string> _problems = [];
    private FileStamp? _stamp;
    private long _looked;
    private bool _wasRead;

    /// <summary>Of a file; it is read on first use.</summary>
    public UserDirectory(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
    }

    /// <summary>What is wrong with the file as it is now; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems => Look().Problems;

    /// <summary>The users of the last good file.</summary>
    public UserTable Users => Look().Users;

    /// <summary>The fields of a user, null when there is no such login.</summary>
    public IReadOnlyDictionary<string, object?>? Find(string login) => Users.Find(login);

    private (UserTable Users, IReadOnlyList<string> Problems) Look()
    {
        lock (_gate)
        {
            if (!_wasRead || _time.GetElapsedTime(_looked) >= LookInterval)
            {
                _looked = _time.GetTimestamp();
                Refresh();
            }
            return (_users, _problems);
        }
    }

    private void Refresh()
    {
        try
        {
            var stamp = FileStamp.Of(_path);
            if (_wasRead && stamp == _stamp)
                return;
            _wasRead = true;
            _stamp = stamp;
            if (stamp is null or { Length: > LongestFile })
            {
                _problems = [stamp is null ? $"{_path}: there is no such file" : $"{_path}: longer than {LongestFile} bytes"];
                return;
            }
            (var users, _problems) = UserTable.Parse(File.ReadAllBytes(_path), _path);
            _users = users ?? _users;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Looked at again after the interval, whatever the stamp.
            (_stamp, _problems) = (null, [$"{_path}: cannot be read: {e.Message}"]);
        }
    }
}
