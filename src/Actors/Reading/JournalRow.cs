using FtpActors.Actors.Handlers;

namespace FtpActors.Actors.Reading;

/// <summary>One row of a handler's journal.</summary>
/// <param name="Row">Its sequence number.</param>
/// <param name="Fact">What it holds; a <see cref="DamagedRow"/> when it cannot be read.</param>
public sealed record JournalRow(long Row, HandlerFact Fact);
