using System.Runtime.Versioning;

// Every test here runs whole programs on two cores: side by side they would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
