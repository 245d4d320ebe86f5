using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Policies;

/// <summary>A test with a link of 200 Mbit/s, which moves 22 to 23 MiB/s, and guests that write faster or slower than that.</summary>
/// <param name="lab">The hosts.</param>
public abstract class PolicyTest(LabFixture lab) : LabTest(lab)
{
    // 40 MiB that are written anew all the time take 1.7 s to move, and still more than half a second when the guest is throttled.
    protected static readonly string[] Busy = ["--memory", "192", "--working-set", "40", "--dirty", "80"];

    private IAsyncDisposable? _limits;

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _limits = await Lab.LimitBothAsync("200mbit");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (_limits is not null)
        {
            await _limits.DisposeAsync();
        }

        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Migrates a guest from the first host to the second.</summary>
    protected SessionResult Migrate(LabGuest guest, string options) =>
        Session.Set("name", guest.Name).Run($"Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live {options}");

    /// <summary>What was decided, without the passes at which it just went on.</summary>
    protected static IReadOnlyList<string> Steps(PSObject result) => [.. Decisions(result)
        .Where(d => d.Text("Action") is not ("Continue" or "SetOption"))
        .Select(d => d.Get("MaxDowntime") is TimeSpan limit ? $"{limit.TotalMilliseconds:0}" : d.Text("Action"))];

    /// <summary>The decisions of a result.</summary>
    protected static IEnumerable<PSObject> Decisions(PSObject result) => List(result, "Decisions");

    /// <summary>The reason for the last decision that changed something.</summary>
    protected static string LastReason(PSObject result) => Decisions(result).Last(d => d.Text("Action") is not ("Continue" or "SetOption")).Text("Reason");

    /// <summary>The items of a property.</summary>
    protected static IEnumerable<PSObject> List(PSObject result, string property) =>
        ((System.Collections.IEnumerable)result.Get(property)!).Cast<object>().Select(PSObject.AsPSObject);

    /// <summary>Asserts what the guide asks for after a migration that completed: shut off here, running there.</summary>
    protected async Task AssertMovedAsync(LabGuest guest)
    {
        Assert.Equal("shut off (migrated)", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
        Assert.StartsWith("running", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"), StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }
}
