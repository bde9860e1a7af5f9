using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace FtpActors.Actors.Sessions;

/// <summary>
/// Akka's mailbox over a queue that begins with one place. Its default has room for 32 messages from the start, a kilobyte; a session has one message mostly, and there may be a
/// hundred thousand of them. Bounded by the handler, which has so many rows at work and tells a session once for each.
/// </summary>
/// <param name="settings">Of the actor system.</param>
/// <param name="config">Of the mailbox.</param>
internal sealed class SessionMailbox(Settings settings, Config config) : MailboxType(settings, config)
{
    /// <summary>Its name in the configuration.</summary>
    public const string Id = "akka.actor.mailbox.ftpactors-session";

    /// <summary>What an actor system with handlers needs.</summary>
    public const string Definition = Id + " { mailbox-type = \"FtpActors.Actors.Sessions.SessionMailbox, FtpActors.Actors\" }\n";

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new SmallQueue();

    private sealed class SmallQueue : BlockingMessageQueue
    {
        private readonly Queue<Envelope> _messages = new(1);

        protected override int LockedCount => _messages.Count;

        protected override void LockedEnqueue(Envelope envelope) => _messages.Enqueue(envelope);

        protected override bool LockedTryDequeue(out Envelope envelope) => _messages.TryDequeue(out envelope);
    }
}
