using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Micro -- --filter '*' --job short
BenchmarkSwitcher.FromAssembly(typeof(FtpActors.Micro.CodecBenchmarks).Assembly).Run(args);
