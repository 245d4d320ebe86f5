using System.Globalization;
using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Facts;

/// <summary>The network interfaces of a host, as the kernel has them where there is a shell, else as libvirt knows them.</summary>
/// <param name="From">The host's name.</param>
/// <param name="What">What was read.</param>
/// <param name="Interfaces">The interfaces by name.</param>
/// <param name="Bridges">Which of them are bridges; null where that is not told.</param>
internal sealed record HostLinks(string From, string What, IReadOnlyDictionary<string, HostInterface> Interfaces, IReadOnlySet<string>? Bridges)
{
    private const string Script = """
        for d in /sys/class/net/*; do
            [ -e "$d/mtu" ] && echo "${d##*/} $(cat "$d/mtu") $(cat "$d/speed" 2>/dev/null || echo -1) $([ -d "$d/bridge" ] && echo bridge || echo plain)"
        done
        """;

    private const long Megabit = 1_000_000;

    /// <summary>Reads them.</summary>
    /// <param name="host">The host.</param>
    /// <param name="shell">Its shell; null where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The interfaces.</returns>
    /// <exception cref="HypervisorException">Neither tells.</exception>
    public static async Task<HostLinks> OfAsync(HostFacts host, IHostShell? shell, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        var name = (await host.GetHostAsync().ConfigureAwait(false)).Name;
        if (shell is not null && await shell.RunAsync(["sh", "-c", Script], cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output.Length: > 0 } result)
        {
            return Parse(name, result.Output);
        }

        var interfaces = await host.ListInterfacesAsync().ConfigureAwait(false);
        return interfaces.Count > 0
            ? new(name, "interfaces", interfaces.DistinctBy(i => i.Name, StringComparer.Ordinal).ToDictionary(i => i.Name, StringComparer.Ordinal), null)
            : throw new HypervisorException($"'{name}' lists no network interfaces.") { Host = host.Address };
    }

    /// <summary>What was seen of one interface.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>A text for people.</returns>
    public string Describe(string name) => !Interfaces.TryGetValue(name, out var found) ? $"no {name}"
        : found.Mtu is { } mtu ? $"{name}, MTU {mtu.ToString(CultureInfo.InvariantCulture)}"
        : name;

    private static HostLinks Parse(string host, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).Where(w => w.Length == 4).ToArray();
        return new(
            host,
            "/sys/class/net",
            lines.ToDictionary(w => w[0], w => new HostInterface(w[0], Number(w[2]) is > 0 and var speed ? speed * Megabit : null, (int?)Number(w[1])), StringComparer.Ordinal),
            lines.Where(w => w[3] is "bridge").Select(w => w[0]).ToHashSet(StringComparer.Ordinal));
    }

    // A link that is down or virtual has the speed -1, or so much as an unsigned number.
    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number < int.MaxValue ? number : null;
}
