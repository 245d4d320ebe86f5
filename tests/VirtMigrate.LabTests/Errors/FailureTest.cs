using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>A test of a migration that begins and fails for a reason that libvirt gives.</summary>
/// <param name="lab">The hosts.</param>
public abstract class FailureTest(LabFixture lab) : LabTest(lab)
{
    /// <summary>Which checks are looked at, as a parameter of Test-VmMigrationReadiness; empty for all.</summary>
    protected virtual string Categories => string.Empty;

    /// <summary>Where each host keeps images of its own.</summary>
    protected internal const string Images = "/var/lib/libvirt/images";

    /// <summary>Migrates the empty VM and asserts on all that a user sees of why it stayed.</summary>
    /// <param name="options">Options of Start-VmMigration.</param>
    /// <param name="id">The error's id.</param>
    /// <param name="category">Its category.</param>
    /// <param name="message">A part of its message and of the first of the result's errors: libvirt's words.</param>
    /// <param name="action">A part of the recommended action.</param>
    /// <param name="canRetry">Whether trying again can help.</param>
    /// <param name="check">The readiness check that foretells it, with libvirt's words; null where none does.</param>
    /// <returns>The result.</returns>
    protected PSObject AssertFails(
        string options, string id, ErrorCategory category, string message, string action, bool? canRetry = false, string? check = null)
    {
        var foretold = check is null ? null : AssertForetold(check, options);
        var run = Session.Set("name", EmptyVm.Name)
            .Run($"Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 {options} -SkipCheck All");

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', run.Errors));
        var error = run.AssertError(id, category, message, action);
        if (foretold is not null)
        {
            Assert.Contains(foretold.Text("LibvirtError"), error.ToString(), StringComparison.Ordinal);
        }

        Assert.Contains($"'{EmptyVm.Name}' is ", error.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(", and only there.", error.ToString(), StringComparison.Ordinal);
        var result = Assert.Single(run.Output);
        Assert.Equal("RolledBack", result.Text("Outcome"));
        Assert.Equal(id, result.Text("ErrorId"));
        Assert.Equal(canRetry, result.Get("CanRetry"));
        Assert.Contains(message, result.All("Errors")[0].Text("Message"), StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', [error.ErrorDetails.RecommendedAction,
            .. result.All("Errors").Select(e => $"{e.Get("End")} {e.Get("Host")} {e.Get("Code")}/{e.Get("Domain")}: {e.Get("Message")}")]));
        return result;
    }

    /// <summary>Asserts that a check finds the empty VM not ready.</summary>
    /// <param name="check">The check's id.</param>
    /// <param name="options">Options of Start-VmMigration.</param>
    /// <returns>What came of the check.</returns>
    protected PSObject AssertForetold(string check, string options = "")
    {
        var result = Look(check, options);
        Assert.Equal("Failed", result.Text("Status"));
        Assert.NotEmpty(result.All("Evidence"));
        Assert.False(string.IsNullOrEmpty(result.Text("Recommendation")));
        return result;
    }

    /// <summary>Asserts that a check finds nothing that stops the empty VM.</summary>
    /// <param name="check">The check's id.</param>
    /// <param name="options">Options of Start-VmMigration.</param>
    /// <param name="status">What it comes to.</param>
    /// <returns>What came of the check.</returns>
    protected PSObject AssertPasses(string check, string options = "", string status = "Passed")
    {
        var result = Look(check, options);
        Assert.Equal(status, result.Text("Status"));
        return result;
    }

    private PSObject Look(string check, string options)
    {
        // It changes nothing, and so asks for nothing.
        var asked = options.Replace("-Confirm:$false", string.Empty, StringComparison.Ordinal);
        var report = Session.Set("name", EmptyVm.Name).Run($"Test-VmMigrationReadiness $name -VmHost $kvm1 -Destination $kvm2 {asked} {Categories}").Single;
        var result = Assert.Single(report.All("Checks"), c => string.Equals(c.Text("Id"), check, StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{result} | {string.Join(" | ", result.All("Evidence"))} | {result.Get("Recommendation")} | {result.Get("LibvirtError")}");
        return result;
    }

    /// <summary>Starts the empty VM.</summary>
    /// <param name="devices">Its devices, as libvirt's XML.</param>
    /// <param name="elements">Elements beside its devices, as libvirt's XML.</param>
    /// <returns>The VM.</returns>
    protected async Task<IAsyncDisposable> StartAsync(string devices = "", string elements = "") =>
        await EmptyVm.StartAsync(Lab, new() { Devices = devices, Elements = elements });

    /// <summary>The file of a path that only one host has.</summary>
    /// <param name="host">The host.</param>
    /// <param name="path">The path as the host sees it.</param>
    /// <returns>The path as this process sees it.</returns>
    protected static string On(LabHost host, string path)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Root + path;
    }

    /// <inheritdoc cref="Lab.ChangeAsync"/>
    protected Task<IAsyncDisposable> ChangeAsync(LabHost host, string change, string undo, bool restart = false) =>
        Lab.ChangeAsync(host, change, undo, restart);

    /// <summary>Has a firewall of the second host look at what comes in, until disposed.</summary>
    /// <param name="rule">What it does, as a rule of nftables.</param>
    /// <returns>Takes the firewall away.</returns>
    protected Task<IAsyncDisposable> FirewallAsync(string rule) => ChangeAsync(Lab.Host2,
        $"nft 'add table inet lab; add chain inet lab in {{ type filter hook input priority 0; }}; add rule inet lab in {rule}'", "nft delete table inet lab");
}
