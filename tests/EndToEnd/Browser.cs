using Microsoft.Playwright;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Debian's Chromium with a page, and what it says against us: errors of the console, and requests that leave the node.</summary>
internal sealed class Browser : IAsyncDisposable
{
    // A limit, not a time that is proved: other tests run beside.
    static Browser() => Assertions.SetDefaultExpectTimeout(30_000);

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _errors = [];
    private readonly List<string> _requests = [];

    private Browser(IPlaywright playwright, IBrowser browser, IPage page)
    {
        (_playwright, _browser, Page) = (playwright, browser, page);
        page.Console += (_, message) => Add(_errors, message.Type is "error" or "warning" ? $"{message.Type}: {message.Text}" : null);
        page.PageError += (_, error) => Add(_errors, $"exception: {error}");
        page.Dialog += (_, dialog) => Add(_errors, $"dialog: {dialog.Message}");
        page.Request += (_, request) => Add(_requests, request.Url);
    }

    public IPage Page { get; }

    /// <summary>Since the start, or the last <see cref="Forgive"/>.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    public IReadOnlyList<string> Requests => Copy(_requests);

    public static async Task<Browser> OpenAsync(ColorScheme scheme = ColorScheme.Light, int width = 1400, int height = 1000)
    {
        var playwright = await Playwright.CreateAsync();
        // Chromium's sandbox does not run as root, and the pages are our own.
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox"] });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = height } });
        return new Browser(playwright, browser, page);
    }

    /// <summary>Forgets errors: those that a test makes itself, by a node that is away.</summary>
    public void Forgive()
    {
        lock (_errors)
            _errors.Clear();
    }

    /// <summary>Keeps a picture of the page with the results of the tests.</summary>
    public async Task ShootAsync(string name, bool full = true)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Program.Dll)!, "../../../../../../TestResults/pictures"));
        await Page.EvaluateAsync("() => scrollTo(0, 0)");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder.FullName, name + ".png"), FullPage = full });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static void Add(List<string> all, string? text)
    {
        if (text is null)
            return;
        lock (all)
            all.Add(text);
    }

    private static List<string> Copy(List<string> all)
    {
        lock (all)
            return [.. all];
    }
}
