using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Migration;

public sealed class WhatIfTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task What_if_moves_nothing()
    {
        await using var guest = await Lab.StartGuestAsync("what-if");

        var result = Session.Set("name", guest.Name)
            .Run("Get-Vm $name -VmHost $kvm1 | Start-VmMigration -Destination $kvm2 -Parallel 4 -WhatIf").AssertNoErrors();

        Assert.Empty(result.Output);
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
    }
}
