using System.Globalization;
using Microsoft.Playwright;
using static FtpActors.EndToEnd.Tests.DashboardPage;
using static Microsoft.Playwright.Assertions;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The dashboard makes nobody wait.</summary>
[Collection(Alone.Name)]
public sealed class DashboardSpeedTests
{
    [Fact]
    public async Task The_keyboard_sorts_and_filters_and_the_first_paint_is_soon()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        node.Send(Login("anna"), Login("bert"), Login("carl"));
        await using var browser = await Browser.OpenAsync();
        await browser.Page.GotoAsync(node.Url);
        await Expect(Rows(browser)).ToHaveCountAsync(3);
        // The browser's own start is not the page's.
        await browser.Page.ReloadAsync();
        await Expect(Rows(browser)).ToHaveCountAsync(3);
        var paint = await browser.Page.EvaluateAsync<double>("() => performance.getEntriesByName('first-contentful-paint')[0].startTime");
        Assert.True(paint < 300, string.Create(CultureInfo.InvariantCulture, $"first paint after {paint:0} ms"));

        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "User" }).FocusAsync();
        await browser.Page.Keyboard.PressAsync("Enter");
        await Expect(Users(browser)).ToHaveTextAsync(["anna", "bert", "carl"]);
        await browser.Page.Keyboard.PressAsync("Enter");
        await Expect(Users(browser)).ToHaveTextAsync(["carl", "bert", "anna"]);
        await Expect(browser.Page.Locator("#s-table th[aria-sort=descending]")).ToHaveTextAsync("User");
        await browser.Page.GetByLabel("Filter").FillAsync("ber");
        await Expect(Users(browser)).ToHaveTextAsync(["bert"]);
        await Expect(browser.Page.Locator("#s-count")).ToHaveTextAsync("1 of 3 sessions");
        Assert.Empty(browser.Errors);
    }

    [Fact]
    public async Task Ten_thousand_sessions_do_not_stall_it()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        node.Send(Enumerable.Range(0, 10_000).Select(i => Login($"user{i:00000}")));
        await node.AppliedAsync(10_000);
        await using var browser = await Browser.OpenAsync();
        await browser.Page.AddInitScriptAsync("window.stalls = []; new PerformanceObserver(l => l.getEntries().forEach(e => stalls.push(e.duration))).observe({ entryTypes: ['longtask'] });");
        await browser.Page.GotoAsync(node.Url);
        await Expect(browser.Page.Locator("#f-sessions")).ToHaveTextAsync("10,000", new() { Timeout = 30_000 });
        await browser.Page.EvaluateAsync("() => { stalls.length = 0; }");
        // Changes go on while a person types.
        node.Send(Enumerable.Range(0, 500).Select(i => Upload($"user{i:00000}", $"/in/{i}")));
        await browser.Page.GetByLabel("Filter").PressSequentiallyAsync("user0999");
        await Expect(Users(browser)).ToHaveCountAsync(10);
        await browser.Page.GetByLabel("Filter").FillAsync("");
        await browser.Page.GetByRole(AriaRole.Button, new() { Name = "Up" }).ClickAsync();
        await Expect(Rows(browser)).ToHaveCountAsync(100);
        var longest = await browser.Page.EvaluateAsync<double>("() => Math.max(0, ...stalls)");
        Assert.True(longest < 500, string.Create(CultureInfo.InvariantCulture, $"stalled for {longest:0} ms"));
        Assert.Empty(browser.Errors);
    }
}
