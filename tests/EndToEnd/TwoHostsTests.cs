using FtpActors.Journal.Tests.Postgres;

namespace FtpActors.EndToEnd.Tests;

/// <summary>One limit over two hosts that share nothing but a database.</summary>
[Collection("postgres")]
public sealed class TwoHostsTests(PostgresServer database) : IAsyncLifetime
{
    private const int Limit = 3;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<HeldLogin> _logins = [];
    private FtpHost _one = null!;
    private FtpHost _two = null!;
    private Task _observing = Task.CompletedTask;
    private int _most;

    public async Task InitializeAsync()
    {
        var connection = database.Connection(await database.MakeDatabaseAsync());
        _one = new FtpHost("one", $"10.231.{Random.Shared.Next(256)}.", connection);
        _two = new FtpHost("two", $"10.232.{Random.Shared.Next(256)}.", connection);
        await Task.WhenAll(_one.StartAsync(), _two.StartAsync());
        _observing = Task.Run(ObserveAsync);
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _observing;
        foreach (var login in _logins)
            await login.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Of_50_parallel_logins_three_are_let_in_and_slots_come_back_after_kills_on_either_side()
    {
        for (var i = 0; i < 50; i++)
            _logins.Add(new HeldLogin((i % 2 == 0 ? _one : _two).Server.Url($"f{i}")));
        await Until.TrueAsync("all others were refused", () => _logins.Count(l => l.HasEnded) == 50 - Limit);
        foreach (var login in _logins.Where(l => l.HasEnded))
            Assert.Equal(HeldLogin.Refused, await login.LeaveAsync());
        await Until.TrueAsync("the others are in", () => Sessions == Limit);
        var answers = new[] { (await _one.StatusAsync()).GetProperty("answers"), (await _two.StatusAsync()).GetProperty("answers") };
        Assert.Equal((Limit, 50 - Limit), (answers.Sum(a => a.GetProperty("reserved").GetInt32()), answers.Sum(a => a.GetProperty("full").GetInt32())));

        // A session is killed here, and its place is taken there; then the other way round.
        await MoveAsync(_one.Sessions.Count > 0 ? _one : _two);
        await MoveAsync(_two.Sessions.Count > 0 ? _two : _one);

        // A host is lost with all it had: what it held is free after its lease, by the database's clock.
        var (lost, left) = _one.Sessions.Count > 0 ? (_one, _two) : (_two, _one);
        await lost.KillAsync();
        await Until.TrueAsync("the slots of the lost host are free", async () => await left.SlotsAsync() == left.Sessions.Count);
        while (left.Sessions.Count < Limit)
            await LoginAsync(left);
        Assert.Equal(HeldLogin.Refused, await PureFtpdServer.CurlAsync(left.Server.Url("")));

        Assert.Equal(Limit, Volatile.Read(ref _most));
    }

    private int Sessions => _one.Sessions.Count + _two.Sessions.Count;

    private async Task MoveAsync(FtpHost from)
    {
        var to = from == _one ? _two : _one;
        from.KillSession();
        await Until.TrueAsync("the slot is free", async () => await to.SlotsAsync() == Limit - 1);
        await LoginAsync(to);
        Assert.Equal(Limit, Sessions);
        Assert.Equal(HeldLogin.Refused, await PureFtpdServer.CurlAsync(from.Server.Url("")));
    }

    private async Task LoginAsync(FtpHost host)
    {
        var before = host.Sessions.Count;
        var login = new HeldLogin(host.Server.Url("more"));
        _logins.Add(login);
        await Until.TrueAsync("the login is there", () =>
        {
            Assert.False(login.HasEnded, login.HasEnded ? login.Errors.Result : "");
            return host.Sessions.Count == before + 1;
        });
    }

    // All the time, by what the servers themselves say. The sum was true at one moment when one side was the same before and after the look at the other.
    private async Task ObserveAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var (before, other, after) = (_one.Sessions, _two.Sessions.Count, _one.Sessions);
            if (before.Select(s => s.Session).Order(StringComparer.Ordinal).SequenceEqual(after.Select(s => s.Session).Order(StringComparer.Ordinal)))
                Volatile.Write(ref _most, Math.Max(_most, before.Count + other));
            await Task.Delay(5);
        }
    }
}
