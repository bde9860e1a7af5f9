using System.Runtime.Versioning;

// Every test here runs whole programs: more of them at a time than the machine has cores would only wait for each other. What must have the machine for itself is in "Alone".
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
[assembly: SupportedOSPlatform("linux")]
