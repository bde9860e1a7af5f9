using Microsoft.Playwright;
using static FtpActors.EndToEnd.Tests.DashboardPage;
using static Microsoft.Playwright.Assertions;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The dashboard in a real browser, with a real node behind it.</summary>
public sealed class DashboardTests
{
    private const string Hostile = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task Sessions_appear_and_vanish_while_messages_flow_and_a_restart_is_survived()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        await using var browser = await Browser.OpenAsync();
        await browser.Page.GotoAsync(node.Url);
        await Expect(browser.Page.Locator("#link")).ToHaveTextAsync("live");
        await Expect(Rows(browser)).ToHaveTextAsync(["Nobody is logged in."]);

        node.Send(Login("anna"), Login("bert"));
        await Expect(Row(browser, "anna")).ToHaveCountAsync(1);
        await Expect(Row(browser, "bert")).ToHaveCountAsync(1);
        node.Send(Login("anna") with { Type = "LOGOUT" });
        await Expect(Row(browser, "anna")).ToHaveCountAsync(0);
        await Expect(Row(browser, "bert")).ToHaveCountAsync(1);
        await Expect(browser.Page.Locator("#f-events")).ToHaveTextAsync("3");
        Assert.Empty(browser.Errors);

        Assert.Equal(0, await node.StopAsync());
        await Expect(browser.Page.Locator("#link")).ToHaveTextAsync("the node does not answer");
        await node.StartAsync();
        node.Send(Login("carl"));
        await Expect(browser.Page.Locator("#link")).ToHaveTextAsync("live");
        await Expect(Row(browser, "carl")).ToHaveCountAsync(1);
        await Expect(Row(browser, "bert")).ToHaveCountAsync(1);
        // Only what it means that the node was away.
        Assert.DoesNotContain(browser.Errors, e => !e.Contains("Failed to load resource", StringComparison.Ordinal));
        Assert.All(browser.Requests, url => Assert.StartsWith(node.Url, url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_progress_of_a_running_transfer_moves()
    {
        await using var pure = await PureFtpdNode.StartAsync("clf", more: """, "progress": "1s" """);
        File.Copy(pure.File(30_000_000), pure.Server.Home + "/big");
        await using var browser = await Browser.OpenAsync();
        await browser.Page.GotoAsync(pure.Node.Url);
        var download = PureFtpdServer.CurlAsync("-o", "/dev/null", "--limit-rate", "2M", pure.Server.Url("big"));
        var bar = browser.Page.Locator("#s-table progress");
        await Expect(bar).ToHaveCountAsync(1);
        var first = await ValueAsync();
        await Until.TrueAsync("it moves", async () => await bar.CountAsync() == 1 && await ValueAsync() > first, 20);
        await Expect(browser.Page.Locator("#s-table td.downloading")).ToHaveCountAsync(1);
        await browser.ShootAsync("transfer");
        Assert.Equal(0, await download);
        await Expect(bar).ToHaveCountAsync(0);
        Assert.Empty(browser.Errors);

        async Task<double> ValueAsync() => await bar.EvaluateAsync<double>("bar => bar.value");
    }

    [Fact]
    public async Task A_dead_letter_shows_its_tries_and_is_retried_by_a_click()
    {
        using var folder = new TemporaryFolder();
        var (script, flag) = (folder["work"], folder["works-now"]);
        await File.WriteAllTextAsync(script, $"#!/bin/sh\necho 'no space on <b>video</b>'\ntest -e '{flag}'\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var node = new TestNode(rules: $$"""[ { "name": "video", "on": ["upload"], "actions": [ { "exec": ["{{script}}"] } ], "retry": { "attempts": 1, "first": "100ms" } } ]""");
        await node.StartAsync();
        await using var browser = await Browser.OpenAsync();
        await browser.Page.GotoAsync(node.Url);
        node.Send(Login("anna"), Upload("anna", "/in/a.avi"));
        var letter = browser.Page.Locator("#dead-rows tr.letter");
        await Expect(letter).ToHaveCountAsync(1);
        await Expect(letter).ToContainTextAsync("/in/a.avi");
        await letter.GetByRole(AriaRole.Button, new() { Name = "Tries" }).ClickAsync();
        await Expect(browser.Page.Locator("#dead-rows pre")).ToHaveTextAsync("no space on <b>video</b>", new() { UseInnerText = true });
        await Expect(browser.Page.Locator("#rules-rows tr")).ToContainTextAsync("video");
        await browser.ShootAsync("dead-letter");

        await File.WriteAllTextAsync(flag, "");
        await letter.GetByRole(AriaRole.Button, new() { Name = "Retry" }).ClickAsync();
        await Expect(browser.Page.Locator("#dead-said")).ToContainTextAsync("is tried again");
        await Expect(letter).ToHaveCountAsync(0);
        await Until.TrueAsync("it is done", async () => (await node.ItemsAsync("/api/v1/deliveries?state=done")).Count == 1);
        Assert.Contains("Audit: POST /api/v1/deliveries/retry?id=", node.Process!.Errors, StringComparison.Ordinal);
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Hostile_names_stay_text()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        await using var browser = await Browser.OpenAsync();
        await browser.Page.GotoAsync(node.Url);
        node.Send(Login(Hostile), Upload(Hostile, "/in/\u202egpj.exe\"><script>alert(2)</script>"));
        await Expect(Row(browser, Hostile)).ToHaveCountAsync(1);
        await browser.Page.Locator("#files-form").GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        var file = browser.Page.Locator("#files-rows td.path");
        // What would turn the text around is shown by its number.
        await Expect(file).ToHaveTextAsync("/in/\\u202egpj.exe\"><script>alert(2)</script>");
        Assert.Equal(0, await browser.Page.Locator("td img, td script, main script").CountAsync());
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task A_login_by_token_opens_it_and_a_reader_cannot_retry()
    {
        await using var node = new TestNode(
            more: """ "api": { "tokens_on_loopback": true }, """,
            rules: """[ { "name": "fails", "on": ["upload"], "actions": [ { "exec": ["/bin/false"] } ], "retry": { "attempts": 1, "first": "100ms" } } ]""");
        await node.StartAsync();
        node.Send(Login("anna"), Upload("anna", "/in/a.avi"));
        var token = await node.NewTokenAsync("rita", "reader");
        await using var browser = await Browser.OpenAsync();
        await browser.Page.GotoAsync(node.Url);
        await browser.Page.GetByLabel("Token").FillAsync("ftpa_wrong");
        await browser.Page.Keyboard.PressAsync("Enter");
        await Expect(browser.Page.Locator("#failed")).ToBeVisibleAsync();
        await browser.Page.GetByLabel("Token").FillAsync(token);
        await browser.Page.Keyboard.PressAsync("Enter");
        await Expect(Row(browser, "anna")).ToHaveCountAsync(1);
        await Expect(browser.Page.Locator("#dead-rows tr.letter").GetByRole(AriaRole.Button, new() { Name = "Retry" })).ToBeDisabledAsync(new() { Timeout = 20_000 });
        var cookie = Assert.Single(await browser.Page.Context.CookiesAsync());
        Assert.True(cookie.HttpOnly && cookie.SameSite == SameSiteAttribute.Strict);
        Assert.Empty(browser.Errors);

        // A token that is no more ends it, too: several questions are refused at once, and one way leads to the login.
        var before = browser.Requests.Count(IsLogin);
        Assert.Equal(0, (await Program.RunAsync("", "token", "revoke", "rita", "--config", node.Config)).Code);
        await browser.Page.WaitForURLAsync("**/login");
        Assert.Equal(1, browser.Requests.Count(IsLogin) - before);

        static bool IsLogin(string url) => url.EndsWith("/login", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("light", ColorScheme.Light, 1400)]
    [InlineData("dark", ColorScheme.Dark, 1400)]
    [InlineData("phone", ColorScheme.Light, 390)]
    public async Task It_is_shown_in_light_and_dark_and_on_a_phone(string name, ColorScheme scheme, int width)
    {
        await using var node = new TestNode(rules: """[ { "name": "new-video", "on": ["upload"], "path": ["*.csv"], "actions": [ { "exec": ["/bin/false"] } ], "retry": { "attempts": 1, "first": "100ms" } } ]""");
        await node.StartAsync();
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "300", "--seed", "11", "--rate", "200");
        await using var browser = await Browser.OpenAsync(scheme, width, height: 1500);
        await browser.Page.GotoAsync(node.Url);
        await Expect(browser.Page.Locator("#c-events canvas")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Until.TrueAsync("the chart has a course", async () => (await node.ItemsAsync("/api/v1/recent")).Count >= 3, 40);
        await browser.Page.Locator("#files-form button").ClickAsync();
        await Expect(browser.Page.Locator("#files-rows tr").Nth(5)).ToBeVisibleAsync();
        await browser.ShootAsync(name, full: name == "phone");
        // Nothing is wider than the screen.
        Assert.True(await browser.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
        await browser.Page.GotoAsync(node.Url + "/api");
        await Expect(browser.Page.GetByRole(AriaRole.Heading, new() { Name = "sessions", Exact = true })).ToBeVisibleAsync();
        await browser.ShootAsync($"api-{name}", full: false);
        Assert.Empty(browser.Errors);
        Assert.All(browser.Requests, url => Assert.StartsWith(node.Url, url, StringComparison.Ordinal));
    }
}
