using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Cmdlets;

/// <summary>A guest that goes back and forth, so that not every test has to boot one.</summary>
/// <param name="lab">The hosts.</param>
public sealed class Traveller(LabFixture lab) : IAsyncLifetime
{
    private LabGuest? _guest;

    /// <summary>The hosts.</summary>
    public LabFixture Lab => lab;

    /// <summary>The guest.</summary>
    public LabGuest Guest => _guest ?? throw new InvalidOperationException("The guest has not been started.");

    /// <summary>The host that it is on.</summary>
    public LabHost Here { get; private set; } = lab.Host1;

    /// <summary>The other host.</summary>
    public LabHost There => Here == lab.Host1 ? lab.Host2 : lab.Host1;

    /// <summary>Looks where the guest is, which a test that failed may have left it at.</summary>
    /// <returns>A task that ends when it was found.</returns>
    public async Task FindAsync() =>
        Here = await LabSupport.Lab.VirshAsync(lab.Host1, "domstate", Guest.Name) is "running" ? lab.Host1 : lab.Host2;

    /// <summary>Makes sure that the guest has moved to the other host, runs only there, and lost nothing.</summary>
    /// <returns>A task that ends when it was looked at.</returns>
    public async Task AssertArrivedAsync()
    {
        Here = There;
        await Guest.AssertWholeOnAsync(Here);
        Assert.Equal("shut off (migrated)", await LabSupport.Lab.VirshAsync(There, "domstate", Guest.Name, "--reason"));
    }

    /// <summary>Makes sure that the guest has stayed, runs only there, and lost nothing.</summary>
    /// <returns>A task that ends when it was looked at.</returns>
    public async Task AssertStayedAsync()
    {
        await Guest.AssertWholeOnAsync(Here);
        Assert.DoesNotContain("running", await LabSupport.Lab.VirshAsync(There, "domstate", Guest.Name), StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _guest = await lab.StartGuestAsync("traveller", "--memory", "200", "--dirty", "20", "--working-set", "60");
        Here = lab.Host1;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }

        await lab.AssertUnchangedAsync();
    }
}
