using System.Globalization;
using System.Management.Automation;
using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>A test that moves a guest with options and looks for what they did.</summary>
/// <param name="lab">The hosts.</param>
public abstract class OptionTest(LabFixture lab) : LabTest(lab)
{
    /// <summary>Moves a guest, which must arrive.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="from">The host that it leaves.</param>
    /// <param name="options">The options, as they are typed.</param>
    /// <param name="whileMoving">What to look at on the way.</param>
    /// <returns>The result.</returns>
    protected async Task<PSObject> MoveAsync(LabGuest guest, LabHost from, string options, Func<Task>? whileMoving = null)
    {
        using var running = Begin(guest, from, options);
        if (whileMoving is not null)
        {
            await guest.WaitUntilMovingAsync(from);
            await whileMoving();
        }

        var result = running.Wait().Single;
        Assert.Equal("Completed", result.Text("Outcome"));
        return result;
    }

    /// <summary>Tries to move a guest.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="from">The host that it is on.</param>
    /// <param name="options">The options, as they are typed.</param>
    /// <returns>What came of it.</returns>
    protected SessionResult Try(LabGuest guest, LabHost from, string options)
    {
        using var running = Begin(guest, from, options);
        return running.Wait();
    }

    /// <summary>Asserts that libvirt or QEMU refuses to move a guest with options, that a user sees why, and that the guest stays.</summary>
    /// <param name="guest">The guest, on the first host.</param>
    /// <param name="options">The options, as they are typed.</param>
    /// <param name="reasons">A part of what libvirt or QEMU says, for each of the hosts where either may be the first to say it.</param>
    /// <returns>A task that ends when the guest was looked at.</returns>
    protected async Task AssertRefusedAsync(LabGuest guest, string options, params string[] reasons)
    {
        var error = Assert.Single(Try(guest, Lab.Host1, $"{options} -SkipCheck All").Errors);
        Assert.True(reasons.Any(r => error.ToString().Contains(r, StringComparison.Ordinal)), $"{error}");
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
    }

    /// <summary>Begins to move a guest.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="from">The host that it leaves.</param>
    /// <param name="options">The options, as they are typed.</param>
    /// <returns>The script on its way.</returns>
    protected RunningScript Begin(LabGuest guest, LabHost from, string options) => Session
        .Set("name", guest.Name).Set("from", from.Tcp).Set("to", Other(from).Tcp)
        .Begin($"Get-Vm -VmHost $from | Where-Object Name -eq $name | Start-VmMigration -Destination $to {options}");

    /// <summary>The host that is not the one given.</summary>
    /// <param name="host">A host.</param>
    /// <returns>The other.</returns>
    protected LabHost Other(LabHost host) => host == Lab.Host1 ? Lab.Host2 : Lab.Host1;

    /// <summary>The title in a guest's definition.</summary>
    /// <param name="host">The host.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="arguments">More arguments of <c>virsh dumpxml</c>.</param>
    /// <returns>The title; null where there is none.</returns>
    protected static async Task<string?> TitleAsync(LabHost host, LabGuest guest, params string[] arguments) =>
        (string?)XElement.Parse(await Lab.VirshAsync(host, ["dumpxml", guest.Name, .. arguments])).Element("title");

    /// <summary>Reads a number of libvirt's account of a migration that has ended.</summary>
    /// <param name="host">The host that the guest arrived at.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="field">The field, such as <c>memory_postcopy_requests</c>.</param>
    /// <returns>The number; 0 where the account does not have it.</returns>
    protected static async Task<long> CompletedAsync(LabHost host, LabGuest guest, string field)
    {
        var account = await Lab.VirshAsync(host, "domjobinfo", guest.Name, "--completed", "--keep-completed", "--rawstats");
        var line = account.Split('\n').FirstOrDefault(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
