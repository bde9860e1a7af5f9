using FtpActors.Journal;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors;

/// <summary>All shards that this node owns: starts one supervised <c>ShardActor</c> each, feeds them, drains them at the end.</summary>
public sealed class ShardGroup(IJournal journal, string owner, ShardOptions options, Horizon horizon, TimeProvider time, ILoggerFactory loggers)
    : IAsyncDisposable
{
    /// <summary>Takes every shard and starts working. Returns when all are taken.</summary>
    public Task StartAsync(CancellationToken cancel) => throw new NotSupportedException($"{journal} {owner} {options} {horizon} {time} {loggers}");

    /// <summary>Applies and commits everything that was offered so far, then stops.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
