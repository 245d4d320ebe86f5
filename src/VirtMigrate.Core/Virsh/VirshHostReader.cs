using System.Globalization;
using System.Text.RegularExpressions;
using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Virsh;

/// <summary>Reads what a host says of itself: each answer in one run of virsh.</summary>
internal sealed partial class VirshHostReader(IVirsh virsh)
{
    private const string Input = "/dev/stdin";

    // What is asked here came with it: domjobinfo --rawstats and what lists VMs by UUID and name together.
    private static readonly Version Oldest = new(6, 0);

    private const string KibibyteUnit = " KiB";
    private const string Node = "a host's processors and memory";
    private const string MemoryStatistics = "memory statistics";
    private const string FreePagesText = "numbers of free pages";
    private const RegexOptions LineOptions = RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;
    private const int LineTimeout = 1000;

    // What a host can give at once; every driver that tells any of it tells all.
    private static readonly string[] AvailableMemory = ["free", "buffers", "cached"];

    private static readonly (string Words, CpuComparisonResult Result)[] CpuVerdicts =
    [
        (" is incompatible with the CPU provided by hypervisor on the host", CpuComparisonResult.Incompatible),
        (" is identical to the CPU provided by hypervisor on the host", CpuComparisonResult.Identical),
        ("The CPU provided by hypervisor on the host is a superset of CPU described in ", CpuComparisonResult.Superset),
    ];

    /// <summary>Describes the host, in one run of its virsh.</summary>
    /// <exception cref="HypervisorException">The host can't be reached or does not let us in.</exception>
    public async Task<VmHost> ReadHostAsync(HostTransport transport, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([["version", "--daemon"], ["hostname"], ["nodeinfo"], ["capabilities"]], cancellationToken).ConfigureAwait(false);
        var version = ParseVersions(answers[0].OutputOrThrow());
        if (version.Client < Oldest)
        {
            throw new HypervisorNotSupportedException($"Its virsh is of libvirt {version.Client}; {Oldest} or later is needed.", virsh.Address);
        }

        var node = ParseNodeInfo(answers[2].OutputOrThrow());
        return new()
        {
            Name = answers[1].OutputOrThrow().TrimEnd('\n'),
            Uri = virsh.Address.Uri,
            Transport = transport.ToString(),
            Hypervisor = version.Hypervisor,
            HypervisorVersion = version.HypervisorVersion,
            LibvirtVersion = version.Daemon,
            Uuid = new HostCapabilities(answers[3].OutputOrThrow()).HostUuid,
            Architecture = node.Architecture,
            CpuCount = node.CpuCount,
            Memory = node.Memory,
            IsEncrypted = transport == HostTransport.Ssh || IsEncrypted(virsh.Address),
            IsConnected = true,
        };
    }

    /// <summary>Tells how many bytes of memory are free or can be freed at once.</summary>
    public async Task<long> ReadAvailableMemoryAsync(CancellationToken cancellationToken) =>
        ParseAvailableMemory(await virsh.RunAsync(["nodememstats"], cancellationToken).ConfigureAwait(false));

    public async Task<HostCapabilities> ReadCapabilitiesAsync(CancellationToken cancellationToken) =>
        new(VirshOutput.XmlText(await virsh.RunAsync(["capabilities"], cancellationToken).ConfigureAwait(false), "capabilities"));

    public async Task<DomainCapabilities> ReadDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken)
    {
        var text = await virsh.RunAsync(["domcapabilities", .. Options(kind, "--emulatorbin")], cancellationToken).ConfigureAwait(false);
        return new(VirshOutput.XmlText(text, "domainCapabilities"));
    }

    public async Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken)
    {
        try
        {
            var text = await virsh.RunAsync(
                ["hypervisor-cpu-compare", Input, .. Options(kind, "--emulator"), "--error"], cancellationToken, cpu).ConfigureAwait(false);
            return new(ParseCpuComparison(text, Input), null);
        }
        catch (HypervisorException e) when (e.Error is { Code: LibvirtErrorCode.CpuIncompatible } error)
        {
            // Only as an error does libvirt name what is missing.
            return new(CpuComparisonResult.Incompatible, error.Message);
        }
    }

    /// <summary>Tells how many pages of some sizes are free: one entry for each cell and size.</summary>
    public async Task<IReadOnlyList<FreePages>> ReadFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken)
    {
        (int Cell, long Size)[] asked = [.. Enumerable.Range(0, cells).SelectMany(c => sizes.Select(s => (c, s)))];
        if (asked.Length == 0)
        {
            return [];
        }

        // All cells that the capabilities name, with all sizes, are told at once.
        IReadOnlyList<string> all = ["freepages", "--all"];
        var told = (await virsh.RunManyAsync([all], cancellationToken).ConfigureAwait(false))[0];
        var counts = told.Error is null ? ParseAllFreePages(told.Output) : new Dictionary<(int, long), long>();
        if (Array.TrueForAll(asked, a => counts.ContainsKey((a.Cell, a.Size / 1024))))
        {
            return [.. asked.Select(a => new FreePages(a.Cell, a.Size, counts[(a.Cell, a.Size / 1024)]))];
        }

        var answers = await virsh.RunManyAsync([.. asked.Select(a => Freepages(a.Cell, a.Size / 1024))], cancellationToken).ConfigureAwait(false);
        return [.. asked.Zip(answers, (a, answer) => new FreePages(a.Cell, a.Size, ParseFreePages(answer.OutputOrThrow(), a.Size / 1024)))];
    }

    public async Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) =>
        ParseSecrets(await virsh.RunAsync(["secret-list"], cancellationToken).ConfigureAwait(false));

    private static string[] Freepages(int cell, long kibibytes) =>
        ["freepages", "--cellno", cell.ToString(CultureInfo.InvariantCulture), "--pagesize", string.Create(CultureInfo.InvariantCulture, $"{kibibytes}KiB")];

    // Libvirt takes its own default for what is not given, and virsh refuses what is empty.
    private static IEnumerable<string> Options(GuestKind kind, string emulatorOption) =>
        new (string Option, string? Value)[]
        {
            ("--virttype", kind.DomainType), (emulatorOption, kind.Emulator), ("--arch", kind.Architecture), ("--machine", kind.Machine),
        }.Where(o => !string.IsNullOrEmpty(o.Value)).SelectMany(o => (string[])[o.Option, o.Value!]);

    // A URI with a host and no transport means TLS.
    private static bool IsEncrypted(HostAddress address) =>
        address is { IsOverSsh: true } or { Transport: "tls" } or { Transport: "", HostName.Length: > 0 };

    /// <summary>
    /// Parses <c>version --daemon</c>: of the library that virsh uses, of the host's libvirt, the name of the hypervisor driver such as
    /// <c>QEMU</c>, and of the hypervisor where the host can tell.
    /// </summary>
    public static (Version Client, Version Daemon, string Hypervisor, Version? HypervisorVersion) ParseVersions(string output)
    {
        _ = VirshOutput.Lines(output, "versions");
        var client = FindVersion(ClientLine(), output) ?? throw new VirshOutputException("the version of virsh's library", output);

        // A driver in virsh's own process, such as the test driver, is no daemon.
        var daemon = FindVersion(DaemonLine(), output) ?? client;
        var api = ApiLine().Match(output);
        return api.Success
            ? (client, daemon, api.Groups["name"].Value, FindVersion(HypervisorLine(), output))
            : throw new VirshOutputException("the name of a hypervisor", output);
    }

    private static Version? FindVersion(Regex line, string output) =>
        line.Match(output) is { Success: true } match && Version.TryParse(match.Groups["version"].Value, out var version) ? version : null;

    /// <summary>Parses from <c>nodeinfo</c> the processors' architecture, their number, and the memory in bytes.</summary>
    public static (string Architecture, int CpuCount, long Memory) ParseNodeInfo(string output)
    {
        var memory = NodeValue(output, "Memory size");
        return int.TryParse(NodeValue(output, "CPU(s)"), NumberStyles.None, CultureInfo.InvariantCulture, out var cpus)
            && memory.EndsWith(KibibyteUnit, StringComparison.Ordinal)
            && long.TryParse(memory[..^KibibyteUnit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes)
            && kibibytes < long.MaxValue / 1024
            ? (NodeValue(output, "CPU model"), cpus, kibibytes * 1024)
            : throw new VirshOutputException(Node, output);
    }

    private static string NodeValue(string output, string label)
    {
        var lines = VirshOutput.Lines(output, Node).Where(l => l.StartsWith(label + ":", StringComparison.Ordinal)).ToArray();
        return lines is [var line] && line[(label.Length + 1)..].Trim() is { Length: > 0 } value
            ? value
            : throw new VirshOutputException($"a host's {label}", output);
    }

    /// <summary>Parses from <c>nodememstats</c>, a figure a line in KiB, how many bytes are free or can be freed at once.</summary>
    public static long ParseAvailableMemory(string text)
    {
        var figures = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in VirshOutput.Lines(text, MemoryStatistics))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !line.EndsWith(KibibyteUnit, StringComparison.Ordinal) || colon + 1 > line.Length - KibibyteUnit.Length
                || !figures.TryAdd(line[..colon].TrimEnd(' '), ParseKibibytes(line[(colon + 1)..^KibibyteUnit.Length])))
            {
                throw new VirshOutputException(MemoryStatistics, line);
            }
        }

        return Array.TrueForAll(AvailableMemory, figures.ContainsKey)
            ? VirshOutput.Bytes(AvailableMemory.Sum(a => figures[a]))
            : throw new VirshOutputException($"{MemoryStatistics} with {string.Join(", ", AvailableMemory)}", text);
    }

    // Small enough for the sum of a few.
    private static long ParseKibibytes(string text) => VirshOutput.Number(text.AsSpan().TrimStart(' '), "a size in KiB", long.MaxValue / 1024 / 4);

    /// <summary>
    /// Parses <c>freepages --all</c>: how many are free, by the cell's number and the size in KiB, from lines such as <c>2048KiB: 17</c> between
    /// a line such as <c>Node 0:</c> and an empty one.
    /// </summary>
    public static IReadOnlyDictionary<(int Cell, long Kibibytes), long> ParseAllFreePages(string text)
    {
        var counts = new Dictionary<(int, long), long>();
        int? cell = null;

        // The empty line after the last cell is no end of a text to others.
        foreach (var line in text.Length == 0 ? [] : VirshOutput.Lines(text + "end\n", FreePagesText))
        {
            if (cell is not { } current)
            {
                cell = NodeLine().Match(line) is { Success: true } node ? (int)VirshOutput.Number(node.Groups["cell"].Value, FreePagesText, int.MaxValue)
                    : line is "end" ? -1
                    : throw new VirshOutputException(FreePagesText, line);
            }
            else if (line.Length == 0)
            {
                cell = null;
            }
            else if (ParsePages(line) is var (size, count) && !counts.TryAdd((current, size), count))
            {
                throw new VirshOutputException(FreePagesText, line);
            }
        }

        return counts;
    }

    /// <summary>Parses <c>freepages --cellno --pagesize</c>: how many of that size are free.</summary>
    public static long ParseFreePages(string text, long kibibytes) =>
        ParsePages(VirshOutput.Line(text, FreePagesText)) is var (size, count) && size == kibibytes ? count : throw new VirshOutputException(FreePagesText, text);

    private static (long Size, long Count) ParsePages(string line) => PagesLine().Match(line) is { Success: true } pages
        ? (VirshOutput.Number(pages.Groups["size"].Value, FreePagesText, uint.MaxValue), VirshOutput.Number(pages.Groups["count"].Value, FreePagesText))
        : throw new VirshOutputException(FreePagesText, line);

    /// <summary>Parses <c>hypervisor-cpu-compare</c>, one sentence about the file that the guest's processor was read from.</summary>
    public static CpuComparisonResult ParseCpuComparison(string text, string file)
    {
        const string What = "a comparison of processors";
        var line = VirshOutput.Line(text, What);
        foreach (var (words, result) in CpuVerdicts)
        {
            if (line.Equals(words[0] == ' ' ? $"CPU described in {file}{words}" : words + file, StringComparison.Ordinal))
            {
                return result;
            }
        }

        throw new VirshOutputException(What, line);
    }

    /// <summary>Parses <c>secret-list</c>: a table of UUIDs and what they are for, without its header.</summary>
    public static IReadOnlySet<Guid> ParseSecrets(string text)
    {
        const string What = "a list of secrets";
        var uuids = new HashSet<Guid>();
        foreach (var line in VirshOutput.Lines(text, What))
        {
            if (line.Length < VirshOutput.UuidLength + 4 || line[0] != ' ' || line[(VirshOutput.UuidLength + 1)..(VirshOutput.UuidLength + 4)] is not "   "
                || !uuids.Add(VirshOutput.Uuid(line.AsSpan(1, VirshOutput.UuidLength))))
            {
                throw new VirshOutputException(What, line);
            }
        }

        return uuids;
    }

    [GeneratedRegex(@"^Using library: libvirt (?<version>\d+\.\d+\.\d+)$", LineOptions, LineTimeout)]
    private static partial Regex ClientLine();

    [GeneratedRegex(@"^Running against daemon: (?<version>\d+\.\d+\.\d+)$", LineOptions, LineTimeout)]
    private static partial Regex DaemonLine();

    [GeneratedRegex(@"^Using API: (?<name>\S+) \d+\.\d+\.\d+$", LineOptions, LineTimeout)]
    private static partial Regex ApiLine();

    [GeneratedRegex(@"^Running hypervisor: \S+ (?<version>\d+\.\d+\.\d+)$", LineOptions, LineTimeout)]
    private static partial Regex HypervisorLine();

    [GeneratedRegex(@"^Node (?<cell>[0-9]{1,10}):\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NodeLine();

    [GeneratedRegex(@"^(?<size>[0-9]{1,10})KiB: (?<count>[0-9]{1,20})\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PagesLine();
}
