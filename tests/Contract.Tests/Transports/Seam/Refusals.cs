using VirtMigrate.Contract;
using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>All that a host refuses, each by a name of its own: what migrations ask for, and the rest. None of it changes anything.</summary>
internal static class Refusals
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>What is refused for a VM that the host does not have, or that is shut off.</summary>
    private static readonly Dictionary<string, Func<IHypervisor, Guid, Task>> OfVms = new(StringComparer.Ordinal)
    {
        ["its snapshots"] = (h, vm) => h.CountSnapshotsAsync(vm, None),
        ["its block jobs"] = (h, vm) => h.GetBlockJobsAsync(vm, ["vda"], None),
        ["its dirty rate"] = (h, vm) => h.MeasureDirtyRateAsync(vm, Second, DirtyRateMode.PageSampling, None),
        ["its dirty rate by bitmap"] = (h, vm) => h.MeasureDirtyRateAsync(vm, Second, DirtyRateMode.DirtyBitmap, None),
    };

    /// <summary>What is refused.</summary>
    public static readonly IReadOnlyDictionary<string, Func<IHypervisor, SeamScene, Task>> All = Make();

    private static Dictionary<string, Func<IHypervisor, SeamScene, Task>> Make()
    {
        var all = new Dictionary<string, Func<IHypervisor, SeamScene, Task>>(StringComparer.Ordinal)
        {
            ["of a running VM: a disk that it has not"] = (h, s) => h.GetBlockJobsAsync(s.Running, ["vdz"], None),
            ["of a running VM: its dirty rate by ring"] = (h, s) => h.MeasureDirtyRateAsync(s.Running, Second, DirtyRateMode.DirtyRing, None),
            ["the volumes of a pool that is not there"] = (h, _) => h.ListVolumePathsAsync("--nowhere", refresh: false, None),
            ["the volumes of a pool that is not started"] = (h, _) => h.ListVolumePathsAsync("idle", refresh: true, None),
            ["domain capabilities of no machine"] = (h, s) => h.GetDomainCapabilitiesAsync(Questions.Kind(s, "pc-none"), None),
            ["domain capabilities of no emulator"] = (h, s) => h.GetDomainCapabilitiesAsync(Questions.Kind(s) with { Emulator = "/no/such emulator" }, None),
            ["a processor that is none"] = (h, s) => h.CompareCpuAsync(Questions.Kind(s), "<cpu><model>no such model</model></cpu>", None),
            ["a processor in no XML"] = (h, s) => h.CompareCpuAsync(Questions.Kind(s), "<cpu", None),
        };

        foreach (var refusal in HostContract.Refusals)
        {
            all[refusal.Name] = (h, s) => refusal.Ask(h, s.Find(refusal.Vm));
        }

        foreach (var (name, ask) in OfVms)
        {
            all[$"of a VM that is not there: {name}"] = (h, _) => ask(h, SeamScene.Nobody);
            all[$"of a VM that is shut off: {name}"] = (h, _) => ask(h, SeamScene.Off);
        }

        return all;
    }
}
