using System.Text;
using FtpActors.Ingest.Linux;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// Follows the alternative log over rotations, by rename as well as by copy and cut. Whole lines only: the rest waits for its end. Belongs to one thread.
/// </summary>
internal sealed class AltlogReader(string path, AltlogPlaces? places) : IDisposable
{
    /// <summary>A path of 4096 bytes, each with a percent sign, and the rest; a line that is longer is damage and is cut here.</summary>
    public const int LongestLine = 16 * 1024;

    /// <summary>Bytes of one file at one step.</summary>
    private const int Most = 256 * 1024;
    private const int BytesBefore = 64;

    private OpenLog? _current;
    private OpenLog? _previous;
    private bool _isOpen;
    private bool _isNew = places is null;

    /// <summary>Where it stands. Everything before is in the lines that were given.</summary>
    public AltlogPlaces Places { get; private set; } = places ?? new AltlogPlaces(null, null);

    /// <summary>True when more can be read at once.</summary>
    public bool HasMore { get; private set; }

    /// <summary>The lines that came since, each with its line feed (without one: cut damage), oldest file first.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The log cannot be read.</exception>
    public List<byte[]> Read()
    {
        Open();
        var lines = new List<byte[]>();
        HasMore = false;
        _previous?.ReadLines(lines, this);
        _current?.ReadLines(lines, this);
        Places = new AltlogPlaces(_current?.Place, _previous?.Place);
        return lines;
    }

    public void Dispose()
    {
        _current?.Dispose();
        _previous?.Dispose();
    }

    private void Open()
    {
        if (!_isOpen)
        {
            _isOpen = true;
            _previous = Find(Places.Previous);
            _current = Find(Places.Current);
        }
        // Years may stand in a log that was never read; what a later log has is new.
        var isOld = _isNew;
        _isNew = false;
        var identity = FileIdentity.At(path);
        if (identity is null || identity == _current?.Identity || OpenLog.TryOpen(path) is not { } fresh)
            return;
        if (_current is { } rotated)
        {
            _previous?.Dispose();
            _previous = rotated;
        }
        _current = fresh;
        if (isOld)
            fresh.SkipToEnd();
    }

    /// <summary>The file of a place, perhaps renamed meanwhile within its folder.</summary>
    private OpenLog? Find(AltlogPlace? place)
    {
        if (place is null)
            return null;
        var folder = Path.GetDirectoryName(path)!;
        var names = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileName(path) + "*") : [];
        foreach (var name in names)
        {
            if (FileIdentity.At(name) == place.File && OpenLog.TryOpen(name) is { } log)
            {
                log.GoTo(place);
                return log;
            }
        }
        return null;
    }

    private sealed class OpenLog(SafeFileHandle file, string identity) : IDisposable
    {
        private long _offset;
        private byte[] _before = [];

        public string Identity => identity;

        public AltlogPlace Place => new(identity, _offset, _before);

        public static OpenLog? TryOpen(string name)
        {
            if (FileStatus.TryRead(Encoding.UTF8.GetBytes(name), out _) is not { Type: FileStatus.Regular } status)
                return null;
            try
            {
                return new OpenLog(File.OpenHandle(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), FileIdentity.Of(status));
            }
            catch (FileNotFoundException)
            {
                return null;
            }
        }

        public void GoTo(AltlogPlace place) => (_offset, _before) = (place.Offset, place.Before);

        public void SkipToEnd()
        {
            _offset = RandomAccess.GetLength(file);
            var bytes = new byte[(int)Math.Min(_offset, BytesBefore)];
            _before = bytes[..RandomAccess.Read(file, bytes, _offset - bytes.Length)];
        }

        public void ReadLines(List<byte[]> lines, AltlogReader reader)
        {
            var length = RandomAccess.GetLength(file);
            if (length < _offset || !IsSame())
                (_offset, _before) = (0, []);
            if (length == _offset)
                return;
            var bytes = new byte[(int)Math.Min(Most, length - _offset)];
            var n = RandomAccess.Read(file, bytes, _offset);
            var at = 0;
            while (at < n)
            {
                var end = bytes.AsSpan(at, n - at).IndexOf((byte)'\n');
                if (end < 0 && n - at < LongestLine)
                    break;
                var line = bytes[at..(at + Math.Min(end < 0 ? LongestLine : end + 1, LongestLine))];
                lines.Add(line);
                at += line.Length;
            }
            byte[] read = [.. _before, .. bytes.AsSpan(0, at)];
            _before = read[Math.Max(0, read.Length - BytesBefore)..];
            _offset += at;
            reader.HasMore |= n == Most && at > 0;
        }

        public void Dispose() => file.Dispose();

        private bool IsSame()
        {
            var bytes = new byte[_before.Length];
            return RandomAccess.Read(file, bytes, _offset - bytes.Length) == bytes.Length && bytes.AsSpan().SequenceEqual(_before);
        }
    }
}
