using System.Text.Json;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A finished upload is told under its final name, also over a kill of the node between the upload and its rename.</summary>
public sealed class FinalNameTests
{
    [Fact]
    public async Task A_rule_fires_once_for_the_final_name_of_an_upload_though_the_node_is_killed_before_its_rename()
    {
        using var folder = new TemporaryFolder();
        var log = folder["uploads"];
        await using var node = new TestNode(rules: $$"""[ { "name": "csv", "on": ["upload"], "path": ["*.csv"], "actions": [ { "file": "{{log}}" } ] } ]""");
        await node.StartAsync();
        node.Send(Of("LOGIN"), Of("UPLOAD", "/home/anna/a.csv.filepart") with { Bytes = 1000, Seconds = 1.25, Rate = 99, Status = "OK" });
        await node.AppliedAsync(2);
        await node.Process!.KillAsync();
        await node.StartAsync();

        node.Send(Of("RENAME", "/home/anna/a.csv.filepart") with { PathTo = "/home/anna/a.csv" }, Of("RENAME", "/home/anna/old.csv") with { PathTo = "/home/anna/new.csv" }, Of("LOGOUT"));
        await node.AppliedAsync(6);
        await Until.TrueAsync("the rule fired", () => File.Exists(log));
        Assert.Equal(0, await node.StopAsync());

        using var told = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(log)));
        var facts = told.RootElement.GetProperty("facts");
        Assert.Equal(("/home/anna/a.csv", "/home/anna/a.csv.filepart", 1000L), (facts.Text("path"), facts.Text("path_from"), facts.Whole("bytes")));

        await node.StartAsync();
        var session = Assert.Single(await node.ItemsAsync("/api/v1/sessions"));
        Assert.Equal((1L, 1000L, 2L, "/home/anna/a.csv"), (session.Whole("uploads"), session.Whole("bytes_up"), session.Whole("renames"), session.Text("path")));
        var events = await node.ItemsAsync("/api/v1/events?kind=upload");
        Assert.Equal(["temporary", ""], events.Select(e => string.Join(',', e.GetProperty("flags").EnumerateArray().Select(f => f.GetString()))));
    }

    private static NcFtpdMessage Of(string type, string? path = null) =>
        new() { Type = type, User = "anna", Email = "", Host1 = "ftp.example.org", Host2 = "192.0.2.7", Path = path };
}
