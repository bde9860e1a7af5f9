using Akka.Streams;
using Akka.Streams.Stage;

namespace FtpActors.Ingest.Streams;

/// <summary>
/// The stage in front of a reader that blocks in the kernel. The reader has a thread of its own and reads when the stage is asked for an element; what it reads comes
/// in by an asynchronous callback. The stage completes when the reader returns, and never fails.
/// </summary>
internal sealed class KernelSource<T> : GraphStage<SourceShape<T>>
{
    private readonly SourceRun<T> _run;
    private readonly Outlet<T> _out = new("KernelSource.out");

    public KernelSource(SourceRun<T> run) => (_run, Shape) = (run, new SourceShape<T>(_out));

    /// <inheritdoc/>
    public override SourceShape<T> Shape { get; }

    /// <inheritdoc/>
    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : OutGraphStageLogic
    {
        private readonly KernelSource<T> _stage;
        private Feed<T>? _feed;

        public Logic(KernelSource<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            SetHandler(stage._out, this);
        }

        public override void PreStart()
        {
            _feed = _stage._run.TryBegin(GetAsyncCallback<T>(element => Push(_stage._out, element)), GetAsyncCallback(CompleteStage));
            if (_feed is null)
                CompleteStage();
        }

        public override void OnPull() => _feed?.Pulled();

        // Whatever ended the stage, a reader that is still there must go: nobody takes what it reads.
        public override void PostStop() => _feed?.Break();
    }
}
