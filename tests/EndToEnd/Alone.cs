namespace FtpActors.EndToEnd.Tests;

/// <summary>
/// Tests with which no other may run: what they prove is a time on a machine that has nothing else to do (a node that died is replaced within seconds, a page is painted at
/// once), or they take the whole machine for minutes, or they may build the program that all others run.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
