using System.Runtime.Versioning;

// Every test here runs whole programs, and waits for them half of its time: three keep two cores busy. What must have the machine for itself is in "Alone".
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
[assembly: TestCollectionOrderer("FtpActors.EndToEnd.Tests.LongestFirst", "FtpActors.EndToEnd.Tests")]
[assembly: SupportedOSPlatform("linux")]
