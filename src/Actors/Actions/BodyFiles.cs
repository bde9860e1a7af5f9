using System.Collections.Concurrent;
using System.Text;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Actions;

/// <summary>Templates of mail bodies in files, compiled anew when the file has changed. As many as the rules name.</summary>
internal sealed class BodyFiles
{
    private const int LongestBody = 1 << 20;

    private readonly ConcurrentDictionary<string, (FileStamp Stamp, Template Body)> _compiled = new(StringComparer.Ordinal);

    public static bool IsHtml(string? path) => path is not null && path.EndsWith(".html.hbs", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">It is no template; the message names the file.</exception>
    public async Task<Template> ReadAsync(string path, CancellationToken cancel)
    {
        if (FileStamp.Of(path) is not { } stamp)
            throw new IOException($"{path}: there is no such template");
        if (_compiled.TryGetValue(path, out var known) && known.Stamp == stamp)
            return known.Body;
        if (stamp.Length > LongestBody)
            throw new FormatException($"{path}: the template is longer than {LongestBody} bytes");
        try
        {
            var body = Template.Compile(await File.ReadAllTextAsync(path, Encoding.UTF8, cancel).ConfigureAwait(false), IsHtml(path));
            _compiled[path] = (stamp, body);
            return body;
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }
}
