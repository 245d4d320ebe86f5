using System.Globalization;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing;
using VirtMigrate.Hypervisor.Virsh.Parsing.Host;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Reads what a host says of itself: each answer in one run of virsh.</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshHostInfoReader(IVirsh virsh)
{
    private const string Input = "/dev/stdin";

    /// <summary>Tells how much memory is free or can be freed at once.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Bytes.</returns>
    public async Task<long> ReadAvailableMemoryAsync(CancellationToken cancellationToken) =>
        NodememstatsOutput.ReadAvailable(await virsh.RunAsync(["nodememstats"], cancellationToken).ConfigureAwait(false));

    /// <summary>Reads what the host can do and is made of.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The capabilities.</returns>
    public async Task<HostCapabilities> ReadCapabilitiesAsync(CancellationToken cancellationToken) =>
        new(XmlOutput.Check(await virsh.RunAsync(["capabilities"], cancellationToken).ConfigureAwait(false), "capabilities"));

    /// <summary>Reads what guests of one kind can have.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The capabilities.</returns>
    public async Task<DomainCapabilities> ReadDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken)
    {
        var text = await virsh.RunAsync(["domcapabilities", .. Options(kind, "--emulatorbin")], cancellationToken).ConfigureAwait(false);
        return new(XmlOutput.Check(text, "domainCapabilities"));
    }

    /// <summary>Compares a guest's processor with what the hypervisor can give.</summary>
    /// <param name="kind">The kind of guest.</param>
    /// <param name="cpu">The guest's cpu element.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The verdict.</returns>
    public async Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken)
    {
        try
        {
            var text = await virsh.RunAsync(
                ["hypervisor-cpu-compare", Input, .. Options(kind, "--emulator"), "--error"], cancellationToken, cpu).ConfigureAwait(false);
            return new(CpuCompareOutput.Read(text, Input), null);
        }
        catch (HypervisorException e) when (e.Error is { Code: LibvirtErrorCode.CpuIncompatible } error)
        {
            // Only as an error does libvirt name what is missing.
            return new(CpuComparisonResult.Incompatible, error.Message);
        }
    }

    /// <summary>Tells how many pages of some sizes are free.</summary>
    /// <param name="sizes">The sizes in bytes.</param>
    /// <param name="cells">How many NUMA cells the host has.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>One entry for each cell and size.</returns>
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
        var counts = told.Error is null ? FreepagesOutput.ReadAll(told.Output) : new Dictionary<(int, long), long>();
        if (Array.TrueForAll(asked, a => counts.ContainsKey((a.Cell, a.Size / 1024))))
        {
            return [.. asked.Select(a => new FreePages(a.Cell, a.Size, counts[(a.Cell, a.Size / 1024)]))];
        }

        var answers = await virsh.RunManyAsync([.. asked.Select(a => Freepages(a.Cell, a.Size / 1024))], cancellationToken).ConfigureAwait(false);
        return [.. asked.Zip(answers, (a, answer) => new FreePages(a.Cell, a.Size, FreepagesOutput.Read(answer.Take(), a.Size / 1024)))];
    }

    /// <summary>Lists the UUIDs of the host's secrets.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The UUIDs.</returns>
    public async Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) =>
        SecretListOutput.Read(await virsh.RunAsync(["secret-list"], cancellationToken).ConfigureAwait(false));

    private static string[] Freepages(int cell, long kibibytes) =>
        ["freepages", "--cellno", cell.ToString(CultureInfo.InvariantCulture), "--pagesize", string.Create(CultureInfo.InvariantCulture, $"{kibibytes}KiB")];

    // Libvirt takes its own default for what is not given, and virsh refuses what is empty.
    private static IEnumerable<string> Options(GuestKind kind, string emulatorOption) =>
        new (string Option, string? Value)[]
        {
            ("--virttype", kind.DomainType), (emulatorOption, kind.Emulator), ("--arch", kind.Architecture), ("--machine", kind.Machine),
        }.Where(o => !string.IsNullOrEmpty(o.Value)).SelectMany(o => (string[])[o.Option, o.Value!]);
}
