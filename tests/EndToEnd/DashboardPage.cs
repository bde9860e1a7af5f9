using FtpActors.Protocol.NcFtpd;
using Microsoft.Playwright;

namespace FtpActors.EndToEnd.Tests;

/// <summary>What the tests of the dashboard send, and where it stands on the page.</summary>
internal static class DashboardPage
{
    public static NcFtpdMessage Login(string user) => new() { Type = "LOGIN", User = user, Host1 = "ftp.example.org", Host2 = "192.0.2.7" };

    public static NcFtpdMessage Upload(string user, string path) =>
        new() { Type = "UPLOAD", User = user, Host1 = "ftp.example.org", Host2 = "192.0.2.7", Path = path, Bytes = 1_500_000, Seconds = 1.5, Status = "OK" };

    public static ILocator Rows(Browser browser) => browser.Page.Locator("#s-table tbody tr");

    public static ILocator Row(Browser browser, string user) => Rows(browser).Filter(new() { Has = browser.Page.GetByRole(AriaRole.Cell, new() { Name = user, Exact = true }) });

    public static ILocator Users(Browser browser) => browser.Page.Locator("#s-table tbody td:first-child");
}
