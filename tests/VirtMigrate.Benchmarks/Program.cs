using VirtMigrate.Benchmarks;

using var interruption = new Interruption();
return await BenchmarkRun.MainAsync(args, interruption.Token);
