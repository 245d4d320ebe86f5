using System.Globalization;
using System.Xml.Linq;
using VirtMigrate.Hosts;
using VirtMigrate.Virsh;
using VirtMigrate.Xml;

namespace VirtMigrate.Tests.Virsh;

/// <summary>What virsh 9.0 printed of a host of the lab's and of libvirt's test driver, for everything that reads its output.</summary>
internal static class OutputSamples
{
    private const string Cpu = "/dev/stdin";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<OutputSample> All { get; } =
    [
        File("domstats-state.txt", 28, Statistics),
        File("domstats-block.txt", 59, Statistics),
        File("domstats-block.txt", 4, Inspections, "images and rates"),
        File("list.txt", 3, t => VirshVmList.Parse(t).Select(v => v.ToString())),
        new("list --uuid --name", "e93f0b02-3000-4352-89b2-6accbfb0bc8a web                           \n", 1, t => VirshVmList.ParseWithoutIds(t).Select(v => v.ToString())),
        File("list-uuid.txt", 3, t => VirshOutput.Uuids(t).Select(u => u.ToString())),
        File("dominfo.txt", 1, t => [VirshVmReader.ParseSummary(t).ToString()]),
        File("domcontrol.txt", 1, t => [VirshJobs.ParseIsFree(t).ToString()]),
        new("domcontrol, busy", "background job (1.017s)\n", 1, t => [VirshJobs.ParseIsFree(t).ToString()]),
        File("blockjob.txt", 1, t => VirshJobs.ParseBlockJob(t, "vda") is { } job ? [job.ToString()] : []),
        File("nodememstats.txt", 1, t => [VirshHostReader.ParseAvailableMemory(t).ToString(CultureInfo.InvariantCulture)]),
        File("freepages.txt", 1, t => [VirshHostReader.ParseFreePages(t, 4).ToString(CultureInfo.InvariantCulture)]),
        new("freepages --all", "Node 0:\n4KiB: 1769221\n2048KiB: 17\n\nNode 1:\n4KiB: 5\n\n", 3, t => VirshHostReader.ParseAllFreePages(t).Select(p => p.ToString())),
        File("secret-list.txt", 1, t => VirshHostReader.ParseSecrets(t).Select(u => u.ToString())),
        File("iface-list.txt", 2, VirshNetworkReader.ParseInterfaces),
        File("nodedev-list.txt", 2, VirshOutput.Names),
        File("pool-list.txt", 1, t => VirshStorageReader.FindPool(t, "default") is { } pool ? [pool.ToString()] : []),
        File("vol-list.txt", 3, VirshStorageReader.ParsePaths),
        new("vol-list, awkward", " a\\x5cx41              /vms/a\\x5cx41\n two   gaps   here   /vms/two   gaps   here\n", 2, VirshStorageReader.ParsePaths),
        new("version --daemon",
            "Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.0\nUsing API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.22\nRunning against daemon: 9.0.0\n",
            4, Versions),
        new("nodeinfo",
            "CPU model:           x86_64\nCPU(s):              2\nCPU frequency:       2100 MHz\nCPU socket(s):       1\nCore(s) per socket:  1\n" +
            "Thread(s) per core:  2\nNUMA cell(s):        1\nMemory size:         24684136 KiB\n",
            1, t => [VirshHostReader.ParseNodeInfo(t).ToString()]),
        new("domjobinfo --rawstats", "Job type: 2\n\noperation: 4\ntime_elapsed: 1512\nmemory_bps: 24117248\nmemory_iteration: 3\n", 4,
            t => VirshJobs.ParseStatistics(t).Values.Select(v => v.ToString())),
        new("hypervisor-cpu-compare", $"The CPU provided by hypervisor on the host is a superset of CPU described in {Cpu}\n", 1, Compare),
        new("hypervisor-cpu-compare, less", $"CPU described in {Cpu} is incompatible with the CPU provided by hypervisor on the host\n", 1, Compare),
        File("domain.xml", 2, t => [VirshOutput.XmlText(t, "domain").TrimEnd(), VirshOutput.Xml(t, "domain", VirshOutput.XmlUuid).ToString()]),
        Xml("pool.xml", "pool", x => StoragePool.Read(x, isActive: true)),
        Xml("network.xml", "network", x => HostNetwork.Read(x, isActive: true)),
        Xml("interface.xml", "interface", x => HostInterface.Read("eth0", x)),
        Xml("device.xml", "device", HostInterface.ReadDevice),
        Xml("volume.xml", "volume", x => StorageVolume.Read("/a", "default", x)),
    ];

    /// <summary>Finds one.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The sample.</returns>
    public static OutputSample Find(string name) => All.Single(s => s.Name.Equals(name, StringComparison.Ordinal));

    /// <summary>Reads a file of an output.</summary>
    /// <param name="file">Its name.</param>
    /// <returns>The output.</returns>
    public static string Read(string file) =>
        System.IO.File.ReadAllText(Path.Combine(ProjectRoot.Path, "tests", "Core.Tests", "Virsh", "Outputs", file));

    private static IEnumerable<string> Versions(string text)
    {
        var (client, daemon, hypervisor, version) = VirshHostReader.ParseVersions(text);
        return new[] { $"client {client}", $"daemon {daemon}", hypervisor, version is null ? string.Empty : $"hypervisor {version}" }.Where(v => v.Length > 0);
    }

    private static OutputSample File(string file, int expected, Func<string, IEnumerable<string>> read, string? what = null) =>
        new(what is null ? file : $"{file}, {what}", Read(file), expected, read);

    private static OutputSample Xml(string file, string root, Func<XElement, object?> read) =>
        File(file, 1, t => VirshOutput.Xml(t, root, read)?.ToString() is { } found ? [found] : []);

    private static IEnumerable<string> Statistics(string text) => VirshStatistics.Parse(text).SelectMany(r => r.Values.Select(v => $"{r.Name}: {v}"));

    private static IEnumerable<string> Inspections(string text) =>
        VirshStatistics.Parse(text).SelectMany(r => VmDiskImage.Read(r.Values, isActive: true).Select(i => $"{r.Name}: {i.Target}"));

    private static IEnumerable<string> Compare(string text) => [VirshHostReader.ParseCpuComparison(text, Cpu).ToString()];
}
