using VirtMigrate.Xml;

namespace VirtMigrate.Hosts;

/// <summary>What is known of one VM.</summary>
internal sealed class VmFacts(Vm vm, HostFacts host)
{
    /// <summary>The VM as its host sees it now.</summary>
    public Vm Vm { get; } = vm;

    /// <summary>The VM's definition; of a running VM the live one.</summary>
    /// <exception cref="VmNotFoundException">The VM has gone in the meantime.</exception>
    public async Task<DomainDefinition> GetDefinitionAsync() =>
        (await host.GetDefinitionsAsync().ConfigureAwait(false)).GetValueOrDefault(Vm.Uuid)
            ?? throw new VmNotFoundException(Vm.Name, host.Address);

    /// <summary>The VM's definition, where it goes to a destination or has just arrived there, so that its source may have none any more.</summary>
    /// <returns>The definition; null where neither host has one.</returns>
    public async Task<DomainDefinition?> FindDefinitionAsync(HostFacts destination)
    {
        try
        {
            return await GetDefinitionAsync().ConfigureAwait(false);
        }
        catch (VmNotFoundException)
        {
            return (await destination.GetDefinitionsAsync().ConfigureAwait(false)).GetValueOrDefault(Vm.Uuid);
        }
    }

    /// <summary>What the host tells of it when it is asked for all.</summary>
    /// <exception cref="VmNotFoundException">The VM has gone in the meantime.</exception>
    public async Task<VmInspection> InspectAsync() =>
        (await host.InspectVmsAsync().ConfigureAwait(false)).GetValueOrDefault(Vm.Uuid) ?? throw new VmNotFoundException(Vm.Name, host.Address);

    /// <summary>The account of its present job.</summary>
    public Task<JobReading> GetJobAsync() => host.AskAsync((nameof(GetJobAsync), Vm.Uuid), (h, ct) => h.GetJobAsync(Vm.Uuid, ct));

    /// <summary>How many snapshots it has.</summary>
    public async Task<int> CountSnapshotsAsync() => (await InspectAsync().ConfigureAwait(false)).HasSnapshots
        ? await host.AskAsync((nameof(CountSnapshotsAsync), Vm.Uuid), (h, ct) => h.CountSnapshotsAsync(Vm.Uuid, ct)).ConfigureAwait(false)
        : 0;

    /// <summary>The block jobs on its disks.</summary>
    /// <returns>The jobs; null when it can't be told.</returns>
    public async Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync()
    {
        var definition = await GetDefinitionAsync().ConfigureAwait(false);
        string[] targets = [.. definition.Disks.Select(d => d.Target)];
        return targets.Length == 0 || !Vm.Status.IsActive
            ? []
            : await host.AskAsync((nameof(GetBlockJobsAsync), Vm.Uuid), (h, ct) => h.GetBlockJobsAsync(Vm.Uuid, targets, ct)).ConfigureAwait(false);
    }

    /// <summary>Measures its dirty rate.</summary>
    public Task<DirtyRateReading> MeasureDirtyRateAsync(TimeSpan period) =>
        host.AskAsync((nameof(MeasureDirtyRateAsync), Vm.Uuid), (h, ct) => h.MeasureDirtyRateAsync(Vm.Uuid, period, DirtyRateMode.PageSampling, ct));
}
