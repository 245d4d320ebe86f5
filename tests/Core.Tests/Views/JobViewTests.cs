using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Tests.Core;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Views;

/// <summary>The views of a background job, which PowerShell numbers and times.</summary>
public sealed class JobViewTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_job_fits_and_nothing_of_it_is_cut(bool isTable)
    {
        var connection = new HostConnection(new SshTransport(), HostAddress.Parse("kvm2"));
        using var job = new VmMigrationJob(
            new MigrationRequest
            {
                Vm = TestData.Vm(VmState.Running) with { Name = WorstCase.Name },
                Source = connection,
                Destination = connection,
                Options = MigrationOptionSet.Empty,
            },
            "Get-Vm | Start-VmMigration -AsJob -Destination compute-node-0123.rack-17.example.org -Live -Parallel 4 -Policy StallDetect");

        var drawn = View.All.Single(v => v.IsTable == isTable && v.Name.Equals(nameof(VmMigrationJob), StringComparison.Ordinal)).Draw(job);
        TestContext.Current.TestOutputHelper?.WriteLine(drawn.Text);

        Assert.All(drawn.Text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, $"{line.Length} columns: {line}"));
        Assert.DoesNotContain('…', drawn.Text);
        var words = string.Concat(drawn.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.All(["NotStarted", "Queued", "kvm1", "014"], word => Assert.Contains(word, words, StringComparison.Ordinal));
        Assert.DoesNotContain("Chart", words, StringComparison.Ordinal);
    }
}
