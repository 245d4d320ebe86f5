using System.Globalization;
using VirtMigrate.Hosts;

namespace VirtMigrate.Tests.Readiness;

/// <summary>What a host says of itself, in libvirt's XML, as far as a test sets it.</summary>
internal sealed record HostXml
{
    public const string Emulator = "/usr/bin/qemu-system-x86_64";

    public string Cpu { get; init; } = string.Empty;

    public string Architecture { get; init; } = "x86_64";

    public string[] DomainTypes { get; init; } = ["qemu", "kvm"];

    public string[] Machines { get; init; } = ["pc-q35-7.2"];

    public int Processors { get; init; } = 8;

    public int Cells { get; init; } = 1;

    public int[] PagesKiB { get; init; } = [4, 2048];

    public int HugePages { get; init; } = 1024;

    public static string DomainCapabilities(string[]? loaders = null, bool secure = false) => $"""
        <domainCapabilities><path>{Emulator}</path><domain>kvm</domain><machine>pc-q35-7.2</machine><arch>x86_64</arch>
          <os supported='yes'><loader supported='yes'>{string.Concat((loaders ?? []).Select(l => $"<value>{l}</value>"))}
            <enum name='secure'><value>no</value>{(secure ? "<value>yes</value>" : string.Empty)}</enum></loader></os>
        </domainCapabilities>
        """;

    /// <summary>An error as libvirt gives it where it has no such guests.</summary>
    public static HypervisorException Refusal(string message) => new(new HypervisorError(8, 10, message));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        <capabilities>
          <host>
            <cpu><arch>x86_64</arch>{Cpu}{string.Concat(PagesKiB.Select(p => $"<pages unit='KiB' size='{p}'/>"))}</cpu>
            <topology><cells num='{Cells}'>{string.Concat(Enumerable.Range(0, Cells).Select(Cell))}</cells></topology>
          </host>
          <guest><os_type>hvm</os_type><arch name='{Architecture}'><emulator>{Emulator}</emulator>
            {string.Concat(Machines.Select(m => $"<machine maxCpus='255'>{m}</machine>"))}<machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
            {string.Concat(DomainTypes.Select(t => $"<domain type='{t}'/>"))}</arch></guest>
        </capabilities>
        """);

    private string Cell(int number) => string.Create(CultureInfo.InvariantCulture,
        $"<cell id='{number}'><pages unit='KiB' size='2048'>{HugePages}</pages><cpus>{string.Concat(Enumerable.Range(number * Processors / Cells, Processors / Cells).Select(c => $"<cpu id='{c}'/>"))}</cpus></cell>");
}
