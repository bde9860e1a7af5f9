using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol.PureFtpd;
using Npgsql;

namespace FtpActors.EndToEnd.Tests;

/// <summary>
/// A host as far as the network is concerned: a network namespace with an address of its own, in it a Pure-FTPd and a node with the role authd, which reach
/// the shared PostgreSQL over the network.
/// </summary>
internal sealed class FtpHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly string _namespace;
    private readonly string _config;
    private readonly string _url;
    private readonly TcpRelay _relay;
    private Program? _node;

    /// <summary>Makes the namespace.</summary>
    /// <param name="name">Name of the node.</param>
    /// <param name="network">Three numbers of an address and a dot, free for this host.</param>
    /// <param name="connection">To the database, on loopback.</param>
    public FtpHost(string name, string network, string connection)
    {
        var random = Random.Shared.Next(0x100000, 0xFFFFFF).ToString("x", null);
        _namespace = $"ftpt-{random}";
        string[] commands =
        [
            $"netns add {_namespace}",
            $"link add a{random} type veth peer name b{random} netns {_namespace}",
            $"addr add {network}1/30 dev a{random}",
            $"link set a{random} up",
            $"-n {_namespace} addr add {network}2/30 dev b{random}",
            $"-n {_namespace} link set b{random} up",
            $"-n {_namespace} link set lo up",
        ];
        foreach (var command in commands)
            Ip(command);

        var database = new NpgsqlConnectionStringBuilder(connection);
        _relay = new TcpRelay(IPAddress.Parse($"{network}1"), database.Port);
        (database.Host, database.Port) = (_relay.Address.Address.ToString(), _relay.Address.Port);
        var socket = _folder["auth.sock"];
        Server = new PureFtpdServer(socket, $"{network}2", "ip", "netns", "exec", _namespace);
        _url = $"http://{network}2:9110";
        _config = _folder["node.conf"];
        File.WriteAllText(_config, $$"""
            { "node": { "name": "{{name}}", "roles": ["authd"], "listen": "{{network}}2:9110", "data": "{{_folder["data"]}}" },
              "journal": { "kind": "postgres", "shards": 4, "connection": "{{database.ConnectionString}}" },
              "authd": { "socket": "{{socket}}", "scoreboard": "{{Server.Scoreboard}}", "lease": "10s", "answer": "5s", "fail": "closed",
                         "limits": [ { "user": "*", "max": 3 } ] } }
            """);
        Scoreboard = new ScoreboardFolder(Server.Scoreboard);
    }

    public PureFtpdServer Server { get; }

    /// <summary>Of one thread of the test.</summary>
    private ScoreboardFolder Scoreboard { get; }

    /// <summary>Who is logged in, as the server itself says.</summary>
    public IReadOnlyList<ScoreboardEntry> Sessions
    {
        get
        {
            lock (Scoreboard)
                return [.. Scoreboard.Read().Sessions.Where(s => s.IsLoggedIn)];
        }
    }

    public async Task StartAsync()
    {
        _node = Program.StartAs(["ip", "netns", "exec", _namespace], "run", "--config", _config);
        await Until.TrueAsync("the node is ready", async () =>
        {
            Assert.False(_node.HasExited, _node.Errors);
            try
            {
                using var answer = await _http.GetAsync(new Uri($"{_url}/healthz"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
                return false;
            }
        });
        Server.Start();
        await Until.TrueAsync("the server listens", Server.IsListeningAsync);
    }

    public Task<JsonElement> StatusAsync() => _http.GetFromJsonAsync<JsonElement>($"{_url}/api/authd");

    /// <summary>Slots in use on all hosts, as this one sees them.</summary>
    public async Task<int> SlotsAsync() =>
        (await _http.GetStringAsync(new Uri($"{_url}/api/authd/slots"))).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>kill -9 of one session.</summary>
    public void KillSession() => Kill(Sessions[0]);

    /// <summary>kill -9 of everything that runs on it.</summary>
    public async Task KillAsync()
    {
        await _node!.KillAsync();
        await Server.KillAsync();
        while (Sessions is [var session, ..])
            Kill(session);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        await Server.DisposeAsync();
        await _relay.DisposeAsync();
        Ip($"netns del {_namespace}");
        _http.Dispose();
        _folder.Dispose();
    }

    private static void Kill(ScoreboardEntry session)
    {
        try
        {
            using var process = Process.GetProcessById(session.Pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It ended by itself meanwhile.
        }
    }

    private static void Ip(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments))!;
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"ip {arguments} ended with {process.ExitCode}; this test makes network namespaces and needs root.");
    }
}
