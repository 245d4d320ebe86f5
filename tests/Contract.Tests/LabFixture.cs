using VirtMigrate.LabSupport;
using VirtMigrate.ContractTests;
using Xunit;

[assembly: AssemblyFixture(typeof(LabFixture))]

namespace VirtMigrate.ContractTests;

/// <summary>Two hosts for the whole run, taken down with it.</summary>
public sealed class LabFixture() : Lab("1"), IAsyncLifetime
{
    private LabState? _state;

    /// <summary>Makes sure that the hosts are as they were when the lab came up, but for what was told of before.</summary>
    /// <returns>A task that ends when they were looked at.</returns>
    public async Task AssertUnchangedAsync()
    {
        var (now, differences) = await _state!.CompareAsync(this, TimeSpan.FromSeconds(10));
        _state = now;
        Assert.True(differences.Length == 0, $"The hosts are not left as they were:\n{differences}");
    }

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _state = await LabState.ReadAsync(this);
    }
}
