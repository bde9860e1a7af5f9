using System.Reflection;
using System.Text.Json;
using FtpActors.Actors;
using FtpActors.Ingest;
using Microsoft.Extensions.Logging;

namespace FtpActors.Node.Tests;

/// <summary>What an operator searches the log for.</summary>
public sealed class LogTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Every_log_line_has_an_id_of_its_own()
    {
        var ids = new[] { typeof(Program), typeof(SessionRecord), typeof(SourceBatch) }.SelectMany(t => t.Assembly.GetTypes())
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(m => (Method: m, Line: m.GetCustomAttribute<LoggerMessageAttribute>())).Where(m => m.Line is not null).ToList();
        Assert.True(ids.Count > 40, $"{ids.Count}");
        Assert.All(ids, m => Assert.InRange(m.Line!.EventId, 1000, 2999));
        Assert.Empty(ids.GroupBy(m => m.Line!.EventId).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(m => m.Method.Name))}"));
    }

    [Fact]
    public async Task As_JSON_every_line_is_an_object_with_the_id_and_the_values()
    {
        var config = _scratch.Write("node.conf", """{ "node": { "name": "doc", "listen": "127.0.0.1:0", "data": "var", "log_format": "json" }, "journal": { "shards": 1 } }""");
        using var node = RunningProgram.Start("run", "--config", config);
        await node.SaysAsync("is ready");
        node.Signal("TERM");
        Assert.Equal(0, await node.EndAsync());
        var lines = node.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var ready = Assert.Single(lines, line => line.GetProperty("EventId").GetInt32() == 1001);
        Assert.Equal(("Information", "doc"), (ready.GetProperty("LogLevel").GetString(), ready.GetProperty("State").GetProperty("Node").GetString()));
    }
}
