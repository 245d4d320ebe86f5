using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.PostCopy;

/// <summary>A test with a guest that is brought into post-copy.</summary>
/// <param name="lab">The hosts.</param>
public abstract class PostCopyTest(LabFixture lab) : LabTest(lab)
{
    /// <summary>The states of a broken post-copy, by virsh.</summary>
    protected const string SourceBroken = "paused (post-copy failed)";

    /// <inheritdoc cref="SourceBroken"/>
    protected const string DestinationBroken = "running (post-copy failed)";

    /// <summary>Starts a guest that is busy enough to fetch memory all the time.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The guest.</returns>
    protected Task<LabGuest> StartGuestAsync(string name) => Lab.StartGuestAsync(name, "--dirty", "4", "--working-set", "100");

    /// <summary>Migrates a guest by virsh, as somebody else's session does.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="options">More options.</param>
    /// <returns>How virsh ended.</returns>
    protected Task<BufferedCommandResult> MigrateByVirshAsync(LabGuest guest, params string[] options) => Cli.Wrap("virsh")
        .WithArguments(["-c", Lab.Host1.Tcp, "migrate", "--live", "--persistent", .. options, guest.Name, Lab.Host2.Tcp])
        .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync().Task;

    /// <summary>
    /// Waits until the guest runs on the destination and has fetched what it touches all the time. A guest in software emulation
    /// that then lacks a page waits for it in its own code; before, its QEMU might do so, and answer nobody any more.
    /// </summary>
    /// <param name="guest">The guest.</param>
    /// <returns>A task that ends when it does.</returns>
    protected async Task WaitUntilFetchingAsync(LabGuest guest)
    {
        await WaitForStateAsync(Lab.Host2, guest, "running (post-copy)");
        await guest.WaitForTicksAsync(12);
    }

    /// <summary>Waits for a state, by virsh.</summary>
    /// <param name="host">The host.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="state">The state with its reason.</param>
    /// <returns>A task that ends when the guest is in it.</returns>
    protected static Task WaitForStateAsync(LabHost host, LabGuest guest, string state) =>
        EventuallyAsync(
            $"'{guest.Name}' is {state} on {host.Name}", host, answer => string.Equals(answer, state, StringComparison.Ordinal),
            "domstate", guest.Name, "--reason");

    /// <summary>Asserts what the guide verifies: the VM is shut off on the source, and runs on the destination.</summary>
    /// <param name="guest">The guest.</param>
    /// <returns>A task that ends when both hosts were asked and the guest was looked at.</returns>
    protected async Task AssertArrivedAsync(LabGuest guest)
    {
        Assert.Equal("shut off (migrated)", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
        Assert.Equal("running (migrated)", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }
}
