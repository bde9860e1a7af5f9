using System.Diagnostics;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A client that logs in and stays: curl uploads what comes from its standard input, which is open until the client is told to leave.</summary>
internal sealed class HeldLogin : IAsyncDisposable
{
    private readonly Process _curl;

    public HeldLogin(string url)
    {
        _curl = Process.Start(new ProcessStartInfo("curl", ["-sSk", "--max-time", "300", "-T", "-", url])
        {
            RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        // Both are read, or a full pipe would stop it.
        Errors = _curl.StandardError.ReadToEndAsync();
        _ = _curl.StandardOutput.ReadToEndAsync();
    }

    /// <summary>curl's exit code for a login that was refused.</summary>
    public const int Refused = 67;

    /// <summary>Sends a part of the file.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        await _curl.StandardInput.BaseStream.WriteAsync(bytes);
        await _curl.StandardInput.BaseStream.FlushAsync();
    }

    public bool HasEnded => _curl.HasExited;

    public Task<string> Errors { get; }

    /// <summary>Ends the upload and logs out, or waits for the end; curl's exit code.</summary>
    public async Task<int> LeaveAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            _curl.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
        await _curl.WaitForExitAsync(limit.Token);
        return _curl.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_curl.HasExited)
        {
            _curl.Kill();
            await _curl.WaitForExitAsync();
        }
        _curl.Dispose();
    }
}
