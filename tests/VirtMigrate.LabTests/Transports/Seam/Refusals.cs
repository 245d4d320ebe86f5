using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.LabTests.Transports.Seam;

/// <summary>All that a host refuses, each by a name of its own. None of it changes anything.</summary>
internal static class Refusals
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>What is refused for a VM that the host does not have, or that is shut off.</summary>
    private static readonly Dictionary<string, Func<IHypervisor, Guid, Task>> OfVms = new(StringComparer.Ordinal)
    {
        ["its present job"] = (h, vm) => h.GetJobAsync(vm, None),
        ["its completed job"] = (h, vm) => h.GetCompletedJobAsync(vm, None),
        ["its definition"] = (h, vm) => h.GetDefinitionAsync(vm, None),
        ["its snapshots"] = (h, vm) => h.CountSnapshotsAsync(vm, None),
        ["its block jobs"] = (h, vm) => h.GetBlockJobsAsync(vm, ["vda"], None),
        ["its dirty rate"] = (h, vm) => h.MeasureDirtyRateAsync(vm, Second, DirtyRateMode.PageSampling, None),
        ["its dirty rate by bitmap"] = (h, vm) => h.MeasureDirtyRateAsync(vm, Second, DirtyRateMode.DirtyBitmap, None),
        ["aborting its job"] = (h, vm) => h.AbortJobAsync(vm, None),
        ["breaking its post-copy off"] = (h, vm) => h.AbortPostCopyAsync(vm, None),
        ["switching it to post-copy"] = (h, vm) => h.StartPostCopyAsync(vm, None),
        ["suspending it"] = (h, vm) => h.SuspendVmAsync(vm, None),
        ["its longest standstill"] = (h, vm) => h.GetMaxDowntimeAsync(vm, None),
        ["limiting its standstill"] = (h, vm) => h.SetMaxDowntimeAsync(vm, Second, None),
        ["limiting its bandwidth"] = (h, vm) => h.SetBandwidthAsync(vm, 1 << 30, None),
        ["limiting its post-copy bandwidth"] = (h, vm) => h.SetPostCopyBandwidthAsync(vm, 1 << 30, None),
        ["its compression cache"] = (h, vm) => h.SetCompressionCacheAsync(vm, 1 << 26, None),
        ["migrating it live"] = (h, vm) => h.MigrateAsync(vm, h, MigrationOptionSet.Empty.With(MigrationOptions.Live, true), CancellationToken.None),
    };

    /// <summary>What is refused.</summary>
    public static readonly IReadOnlyDictionary<string, Func<IHypervisor, SeamScene, Task>> All = Make();

    private static Dictionary<string, Func<IHypervisor, SeamScene, Task>> Make()
    {
        var all = new Dictionary<string, Func<IHypervisor, SeamScene, Task>>(StringComparer.Ordinal)
        {
            ["of a VM without a job: aborting it"] = (h, s) => h.AbortJobAsync(s.Running, None),
            ["of a VM without a job: breaking post-copy off"] = (h, s) => h.AbortPostCopyAsync(s.Running, None),
            ["of a VM without a job: switching to post-copy"] = (h, s) => h.StartPostCopyAsync(s.Running, None),
            ["of a running VM: migrating it to where it is"] = (h, s) => h.MigrateAsync(s.Running, h, MigrationOptionSet.Empty.With(MigrationOptions.Live, true), CancellationToken.None),
            ["of a running VM: a disk that it has not"] = (h, s) => h.GetBlockJobsAsync(s.Running, ["vdz"], None),
            ["of a running VM: its dirty rate by ring"] = (h, s) => h.MeasureDirtyRateAsync(s.Running, Second, DirtyRateMode.DirtyRing, None),
            ["of a VM that is not there: starting it with the host"] = (h, _) => h.SetAutostartAsync(SeamScene.Nobody, isOn: true, None),
            ["of a VM without a definition: starting it with the host"] = (h, _) => h.SetAutostartAsync(SeamScene.Transient, isOn: true, None),
            ["the volumes of a pool that is not there"] = (h, _) => h.ListVolumePathsAsync("--nowhere", refresh: false, None),
            ["the volumes of a pool that is not started"] = (h, _) => h.ListVolumePathsAsync("idle", refresh: true, None),
            ["domain capabilities of no machine"] = (h, s) => h.GetDomainCapabilitiesAsync(Questions.Kind(s, "pc-none"), None),
            ["domain capabilities of no emulator"] = (h, s) => h.GetDomainCapabilitiesAsync(Questions.Kind(s) with { Emulator = "/no/such emulator" }, None),
            ["a processor that is none"] = (h, s) => h.CompareCpuAsync(Questions.Kind(s), "<cpu><model>no such model</model></cpu>", None),
            ["a processor in no XML"] = (h, s) => h.CompareCpuAsync(Questions.Kind(s), "<cpu", None),
        };

        foreach (var (name, ask) in OfVms)
        {
            all[$"of a VM that is not there: {name}"] = (h, _) => ask(h, SeamScene.Nobody);
            all[$"of a VM that is shut off: {name}"] = (h, _) => ask(h, SeamScene.Off);
        }

        return all;
    }
}
