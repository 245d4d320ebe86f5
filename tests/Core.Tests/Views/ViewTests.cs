using System.Globalization;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Views;

/// <summary>What objects look like on a console of 100 columns. A column that fails prints blank, so cells are asserted.</summary>
public sealed class ViewTests
{
    private const long MiB = 1024 * 1024;

    private static readonly VmHost LongHost = TestData.Host("compute-node-0123.rack-17.example.org") with
    {
        HypervisorVersion = new(7, 2, 22),
        CpuCount = 128,
        Memory = 1024L * 1024 * MiB,
    };

    [Fact]
    public void A_host_fits_and_shows_its_versions()
    {
        var text = Print(LongHost with { IsConnected = true });

        Assert.Contains("QEMU 7.2.22", text, StringComparison.Ordinal);
        Assert.Contains("9.0.0", text, StringComparison.Ordinal);
        Assert.Contains("128", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vm_fits_and_shows_state_processors_memory_and_host()
    {
        var text = Print(TestData.Vm(VmState.Running) with { VCpuCount = 16, Memory = 4096 * MiB, VmHost = LongHost });

        Assert.Contains("db1", text, StringComparison.Ordinal);
        Assert.Contains("running", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("16", text, StringComparison.Ordinal);
        Assert.Contains("4 GiB", text, StringComparison.Ordinal);
        Assert.Contains("compute-node", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_fits_and_shows_outcome_and_figures()
    {
        var text = Print(Result());

        Assert.Contains("Completed", text, StringComparison.Ordinal);
        Assert.Contains("kvm2", text, StringComparison.Ordinal);
        Assert.Contains("73 ms", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verification_fits_and_its_message_is_whole()
    {
        var verification = Result().Verification;

        var text = string.Join(' ', Print(verification).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains("running (migrated)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_fits_and_shows_how_far_it_is()
    {
        var text = Print(new VmMigrationJobInfo
        {
            Vm = "a-rather-long-name-of-a-database-vm-01",
            Uuid = TestData.Uuid,
            Source = LongHost,
            Destination = LongHost,
            Status = MigrationJobStatus.Running,
            Phase = MigrationPhase.Copying,
            PercentComplete = 42,
            Remaining = 1536 * MiB,
            Rate = 110 * MiB,
            Iteration = 3,
            Duration = TimeSpan.FromSeconds(75),
            TimeLeft = TimeSpan.FromSeconds(14),
        });

        Assert.Contains("42", text, StringComparison.Ordinal);
        Assert.Contains("1.5 GiB", text, StringComparison.Ordinal);
        Assert.Contains("14.0 s", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_that_does_not_converge_says_so_and_what_downtime_it_would_cost()
    {
        var job = new VmMigrationJobInfo
        {
            Vm = "db1",
            Uuid = TestData.Uuid,
            Status = MigrationJobStatus.Running,
            Phase = MigrationPhase.Copying,
            Duration = TimeSpan.FromSeconds(75),
            ImpliedDowntime = TimeSpan.FromSeconds(1.9),
        };

        Assert.Contains("1m 15s never", Words(Print(job)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_migration_achieved_fits_and_shows_rate_and_time()
    {
        var text = Words(Print(new VmMigrationBandwidth
        {
            Source = LongHost.Name,
            Destination = "kvm2",
            Vm = "a-rather-long-name-of-a-database-vm-01",
            StartTime = DateTimeOffset.UnixEpoch,
            BytesPerSecond = 110 * MiB,
            Transferred = 1536 * MiB,
            Duration = TimeSpan.FromSeconds(14),
            Overhead = TimeSpan.FromSeconds(1.5),
            Connections = 4,
        }));

        Assert.Contains("110 MiB/s 1.5 GiB 14.0 s 1.5 s 4", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_fits_and_shows_its_downtimes()
    {
        var text = Print(MigrationPolicies.VeryLarge);

        Assert.Matches("VeryLarge +300 to 5000 ms", text);
    }

    [Fact]
    public void Decisions_fit_and_their_reasons_are_whole()
    {
        var text = Words(Print(new MigrationDecision
        {
            Elapsed = TimeSpan.FromSeconds(22.7),
            Iteration = 9,
            Action = MigrationAction.SetMaxDowntime,
            Status = MigrationDecisionStatus.Refused,
            Error = "the daemon said no",
            Reason = "8 iterations > 7, implied downtime 1,870 ms > 500 ms: allow 900 ms, which makes a rather long line of this reason",
        }));

        Assert.Contains("22.7 s", text, StringComparison.Ordinal);
        Assert.Contains("SetMaxDowntime Refused", text, StringComparison.Ordinal);
        Assert.Contains("rather long line of this reason: the daemon said no", text.Replace("- ", "-", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_fit_and_show_rate_and_throttle()
    {
        var text = Words(Print(new MigrationSample
        {
            Elapsed = TimeSpan.FromSeconds(4.1),
            Iteration = 2,
            Remaining = 72 * MiB,
            Transferred = 900 * MiB,
            Rate = 17 * MiB,
            ImpliedDowntime = TimeSpan.FromSeconds(4.2),
            DirtyPagesPerSecond = 4321,
            Throttle = 30,
        }));

        Assert.Contains("4.1 s 2 72 MiB 900 MiB 17 MiB/s 4.2 s 4321 30 %", text, StringComparison.Ordinal);
    }

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static VmMigrationResult Result() => TestData.Result() with
    {
        EndTime = DateTimeOffset.UnixEpoch.AddSeconds(12),
        Downtime = TimeSpan.FromMilliseconds(73),
        Transferred = 1000 * MiB,
        Throughput = 100 * MiB,
        Iterations = 3,
        Connections = 4,
    };

    private static string Print(object value)
    {
        var text = Rendering.Of(value).Text;
        Assert.All(text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, $"{line.Length} columns: {line}"));
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        return text;
    }
}
