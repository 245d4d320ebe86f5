using VirtMigrate.Benchmarks;

// The engine would send telemetry half a minute later, in the middle of what is measured.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

using var interruption = new Interruption();
return await BenchmarkRun.MainAsync(args, interruption.Token);
