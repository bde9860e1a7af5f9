using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Sessions that begin, go on and end at the same time, until the flow is ended: each round has the next message of those that are open.</summary>
internal sealed class ProftpdFlow : IAsyncDisposable
{
    private const int Together = 8;
    private readonly KafkaBroker _broker;
    private readonly CancellationTokenSource _end = new();
    private readonly Task<int> _writing;

    public ProftpdFlow(KafkaBroker broker) => (_broker, _writing) = (broker, Task.Run(Write));

    /// <summary>Begins no more sessions; their number when the last has ended.</summary>
    public async Task<int> EndAsync()
    {
        await _end.CancelAsync();
        return await _writing;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    private int Write()
    {
        var begun = 0;
        var last = int.MaxValue;
        for (var round = 0; round < last; round++)
        {
            if (last == int.MaxValue && _end.IsCancellationRequested)
                last = round + ProftpdTopic.Messages - 1;
            if (last == int.MaxValue)
                begun++;
            var messages = new List<(int Partition, string Value)>();
            for (var step = 0; step < ProftpdTopic.Messages; step++)
            {
                if (round - step >= 0 && round - step < begun)
                    messages.AddRange(Enumerable.Range((round - step) * Together, Together).Select(s => ProftpdTopic.Session(s).ElementAt(step)));
            }
            _broker.Write(ProftpdTopic.Name, messages);
        }
        return begun * Together;
    }
}
