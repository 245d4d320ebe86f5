using VirtMigrate.Options;

namespace VirtMigrate.Examples;

/// <summary>Moves one VM from a program, without PowerShell: reference the package's VirtMigrate.Core.dll, and libvirt's client library.</summary>
public static class MoveVm
{
    /// <summary>Checks, estimates and moves a VM, and says what became of it.</summary>
    /// <param name="source">The host that the VM is on: a libvirt URI, or a host's name for qemu+ssh.</param>
    /// <param name="name">The VM's name.</param>
    /// <param name="destination">The host that it goes to.</param>
    /// <param name="output">Takes what there is to say.</param>
    /// <param name="cancellationToken">Aborts the migration; the VM then stays on its source.</param>
    /// <returns>Whether the VM is on its destination as it should be.</returns>
    public static async Task<bool> RunAsync(string source, string name, string destination, TextWriter output, CancellationToken cancellationToken)
    {
        await using var migrator = new Migrator();
        await migrator.ConnectAsync(source, cancellationToken: cancellationToken);
        await migrator.ConnectAsync(destination, cancellationToken: cancellationToken);

        var vms = await migrator.ListVmsAsync(source, cancellationToken);
        var vm = vms.Single(v => string.Equals(v.Name, name, StringComparison.Ordinal));

        // A guest that runs moves live; what is left out is as libvirt has it.
        var options = MigrationOptionSet.Empty.With(MigrationOptions.Live, true);

        var readiness = await migrator.CheckAsync(vm, destination, options, cancellationToken);
        foreach (var obstacle in readiness.Obstacles)
        {
            await output.WriteLineAsync($"{obstacle.Id}: {obstacle.Message} {obstacle.Recommendation}");
        }

        if (!readiness.IsReady)
        {
            return false;
        }

        var estimate = await migrator.EstimateAsync(vm, destination, options, cancellationToken: cancellationToken);
        await output.WriteLineAsync(estimate.ToString());

        var progress = new Progress<MigrationProgress>(p => output.WriteLine($"{p.Phase} {p.PercentComplete} %"));
        var result = await migrator.MigrateAsync(vm, destination, options, progress: progress, cancellationToken: cancellationToken);
        await output.WriteLineAsync(result.Verification.Message);
        return result.Outcome == MigrationOutcome.Completed;
    }
}
