using System.Globalization;
using FtpActors.Actors.Actions.Linux;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Actions;

/// <summary>
/// Looks whether an upload is what the files beside it say, then asks the program. "Not valid" is an answer with code 1; that the files cannot be read is none, and is tried
/// again as any failure. Strangers made all of these files: links are not followed, and a pipe is not waited for.
/// </summary>
/// <param name="exec">Runs the program.</param>
public sealed class ValidRunner(ExecRunner exec) : IActionRunner
{
    private const int LongestManifest = 16 << 20;

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var action = (ValidAction)context.Action;
        if (ReversibleText.ToBytes(context.Facts.Text("path") ?? "") is not [(byte)'/', ..] upload || upload.Contains((byte)0))
            return ActionOutcome.Never("the upload has no full path, so it cannot be looked at");
        if (action.Expected.Count > 0)
        {
            // A thread of its own: to read a large file takes minutes.
            var looked = await Task.Factory.StartNew(() => Look(action, upload, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            if (!looked.Succeeded)
                return context.FileIsLocal ? looked : looked with { Summary = $"{looked.Summary}; the file is on {context.Facts.Text("host")}, so the rule may need \"where\": \"on-host\"" };
            if (action.Program is null)
                return looked;
        }
        var answer = await exec.RunAsync(context with { Action = action.Program! }, cancel).ConfigureAwait(false);
        return answer.IsVerdict ? answer with { Summary = $"not valid: {answer.Summary}" } : answer;
    }

    private static ActionOutcome Look(ValidAction action, byte[] upload, CancellationToken cancel)
    {
        try
        {
            if (FileFacts.Of(upload) is not { IsRegular: true } file)
                return NotValid($"{ReversibleText.FromBytes(upload)} is not there as a plain file");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(action.Timeout);
            foreach (var expected in action.Expected)
            {
                if (Difference(expected, upload, file, limit.Token) is { } difference)
                    return NotValid(difference);
            }
            return new ActionOutcome(true, Retryable: false, 0, $"valid: {string.Join(", ", action.Expected.Select(e => e.Word))}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ActionOutcome.Later($"to read the upload took longer than {action.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ActionOutcome.Later($"the upload cannot be looked at: {e.Message}");
        }
    }

    private static ActionOutcome NotValid(string why) => new(false, Retryable: true, 1, $"not valid: {why}");

    // What does not hold, with no byte of the file beside it but a number or a digest: it may be a name for something that is not the client's.
    private static string? Difference(Expectation expected, byte[] upload, FileFacts file, CancellationToken cancel)
    {
        var beside = expected.Beside.For(upload);
        var name = Path.GetFileName(ReversibleText.FromBytes(beside));
        if (FileFacts.Of(beside) is not { IsRegular: true } told)
            return $"there is no {name}";
        if (expected.Kind == ExpectationKind.Done)
            return told.ChangedAt >= file.ChangedAt ? null : $"{name} is older than the upload";
        if (told.Size > LongestManifest)
            return $"{name} is longer than {LongestManifest} bytes";
        var values = Manifest.ValuesOf(OpenedFile.ReadAll(beside, LongestManifest), upload.AsSpan(upload.AsSpan().LastIndexOf((byte)'/') + 1), expected.IsValue);
        if (values.Count == 0)
            return $"{name} says no {expected.Word} of it";
        if (expected.Kind == ExpectationKind.Size)
        {
            return values.Any(v => long.Parse(v, CultureInfo.InvariantCulture) == file.Size)
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"it has {file.Size} bytes, {name} says {values[^1]}");
        }
        var digest = OpenedFile.Digest(upload, expected.Kind, cancel);
        return values.Contains(digest) ? null : $"its {expected.Word} is {digest}, {name} says {values[^1]}";
    }
}
