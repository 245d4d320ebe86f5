using VirtMigrate.Hosts;
using VirtMigrate.ContractTests.Transports.Names;
using VirtMigrate.Xml;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>All that a host can be asked without changing anything on it, each by a name of its own.</summary>
internal static class Questions
{
    private const string Pool = SeamScene.HostileThing;
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The questions.</summary>
    public static readonly IReadOnlyDictionary<string, Func<IHypervisor, SeamScene, Task<object?>>> All =
        new Dictionary<string, Func<IHypervisor, SeamScene, Task<object?>>>(StringComparer.Ordinal)
        {
            ["the host itself"] = (h, _) => Task.FromResult<object?>((h.Host, h.IsAlive)),
            ["every VM"] = async (h, _) => ByUuid(await h.ListVmsAsync(None)),
            ["VMs by name"] = async (h, _) => await EachAsync([.. HostileNames.Some, "seam off", "nobody"], name => h.FindVmAsync(name, None)),
            ["VMs by UUID"] = async (h, s) => await EachAsync(Uuids(s), uuid => h.FindVmAsync(uuid, None)),
            ["present jobs"] = async (h, s) => await EachAsync(Present(s), uuid => h.GetJobAsync(uuid, None)),
            ["completed jobs"] = async (h, s) => await EachAsync(Present(s), uuid => h.GetCompletedJobAsync(uuid, None)),
            ["definitions one by one"] = async (h, s) => await EachAsync(Present(s), uuid => h.GetDefinitionAsync(uuid, None)),
            ["definitions at once"] = async (h, s) => await h.GetDefinitionsAsync(Uuids(s), None),
            ["every definition"] = async (h, _) => (await h.ListDefinitionsAsync(None)).OrderBy(d => d.Name, StringComparer.Ordinal).ThenBy(d => d.NamedPaths.Count),
            ["no definition at all"] = async (h, _) => await h.GetDefinitionsAsync([], None),
            ["a look at every VM"] = async (h, _) => await h.InspectVmsAsync(None),
            ["snapshots"] = async (h, s) => await EachAsync(Present(s), uuid => h.CountSnapshotsAsync(uuid, None)),
            ["block jobs of disks without one"] = async (h, s) => await h.GetBlockJobsAsync(s.Running, ["vda"], None),
            ["block jobs of a VM that is off"] = async (h, _) => await h.GetBlockJobsAsync(SeamScene.Off, ["vda", "hda"], None),
            ["the host's capabilities"] = async (h, _) => await h.GetCapabilitiesAsync(None),
            ["domain capabilities"] = async (h, s) => await EachAsync(Kinds(s), kind => h.GetDomainCapabilitiesAsync(kind, None)),
            ["a processor that fits"] = (h, s) => CompareAsync(h, s, "<cpu mode='custom' match='exact'><model>qemu64</model></cpu>"),
            ["a processor that lacks features"] = (h, s) => CompareAsync(h, s,
                "<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name='avx512f'/><feature policy='require' name='invtsc'/></cpu>"),
            ["a running VM's processor"] = async (h, s) => await CompareAsync(
                h, s, System.Xml.Linq.XElement.Parse(await h.GetDefinitionAsync(s.Running, None)).Element("cpu")!.ToString()),
            ["networks"] = async (h, _) => (await h.ListNetworksAsync(None)).OrderBy(n => n.Name, StringComparer.Ordinal),
            ["interfaces"] = async (h, _) => (await h.ListInterfacesAsync(None)).OrderBy(i => i.Name, StringComparer.Ordinal),
            ["storage pools"] = async (h, _) => (await h.ListStoragePoolsAsync(None)).OrderBy(p => p.Name, StringComparer.Ordinal),
            ["volumes"] = async (h, _) => await h.ListVolumePathsAsync("default", refresh: false, None),
            ["volumes after a refresh"] = async (h, _) => await h.ListVolumePathsAsync(Pool, refresh: true, None),
            ["all that a pool tells of its volumes"] = async (h, _) => (await h.ListVolumesAsync(Pool, None)).OrderBy(v => v.Path, StringComparer.Ordinal),
            ["a volume"] = async (h, _) => await h.FindVolumeAsync($"{SeamScene.Images}/{SeamScene.HostileImage}.qcow2", None),
            ["a volume that is not there"] = async (h, _) => await h.FindVolumeAsync("/no such 'volume'", None),
            ["secrets"] = async (h, _) => await h.ListSecretsAsync(None),
            ["free huge pages"] = async (h, _) => await h.GetFreePagesAsync([2 << 20], 1, None),
            ["the longest downtime"] = async (h, s) => await h.GetMaxDowntimeAsync(s.Running, None),
        };

    /// <summary>A kind of guest that the lab's hosts have.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="machine">The machine.</param>
    /// <returns>The kind.</returns>
    public static GuestKind Kind(SeamScene scene, string? machine = "q35") => new(scene.Lab.Emulator, "x86_64", machine, "qemu");

    private static GuestKind[] Kinds(SeamScene scene) => [Kind(scene), Kind(scene, "pc"), Kind(scene, machine: null), Kind(scene) with { Emulator = null }];

    private static Guid[] Present(SeamScene scene) => [scene.Running, SeamScene.Off, SeamScene.Transient];

    private static Guid[] Uuids(SeamScene scene) => [.. Present(scene), SeamScene.Nobody];

    private static IEnumerable<Vm> ByUuid(IReadOnlyList<Vm> vms) => vms.OrderBy(v => v.Uuid);

    private static async Task<object?> CompareAsync(IHypervisor host, SeamScene scene, string cpu) => await host.CompareCpuAsync(Kind(scene, "pc"), cpu, None);

    private static async Task<IReadOnlyList<object?>> EachAsync<T, TAnswer>(IEnumerable<T> items, Func<T, Task<TAnswer>> ask)
    {
        var answers = new List<object?>();
        foreach (var item in items)
        {
            answers.Add(await ask(item));
        }

        return answers;
    }
}
