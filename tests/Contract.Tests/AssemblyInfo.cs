using Xunit.Sdk;
using Xunit.v3;

// All tests share one pair of hosts.
[assembly: Parallelization(Mode = ParallelMode.None)]
