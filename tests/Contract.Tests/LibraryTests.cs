using VirtMigrate.Examples;
using VirtMigrate.LabSupport;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.ContractTests;

/// <summary>The core used as a library, without PowerShell.</summary>
public sealed class LibraryTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task The_example_in_the_docs_moves_a_vm()
    {
        await using var guest = await Lab.StartGuestAsync("library");
        using var output = new StringWriter();
        using var writer = TextWriter.Synchronized(output);

        var hasMoved = await MoveVm.RunAsync(Lab.Host1.Tcp, guest.Name, Lab.Host2.Tcp, writer, TestContext.Current.CancellationToken);

        Assert.True(hasMoved, output.ToString());
        Assert.Contains($"'{guest.Name}' is running (migrated) on 'kvm2'", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Copying", output.ToString(), StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_check_that_finds_something_moves_nothing()
    {
        await using var guest = await Lab.StartGuestAsync("library-kept");
        await using var migrator = new Migrator();
        var vm = (await migrator.ListVmsAsync(Lab.Host1.Tcp, TestContext.Current.CancellationToken)).Single(v => string.Equals(v.Name, guest.Name, StringComparison.Ordinal));
        var options = MigrationOptionSet.Empty.With(MigrationOptions.Live, true);

        var e = await Assert.ThrowsAsync<Failures.MigrationException>(
            () => migrator.MigrateAsync(vm, Lab.Host1.Tcp, options, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(("DestinationIsSource", guest.Name), (e.Failure.Id, e.Vm));
        await guest.AssertWholeOnAsync(Lab.Host1);
    }
}
