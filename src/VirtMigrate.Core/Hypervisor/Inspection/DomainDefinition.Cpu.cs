using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A domain's processors.</summary>
public sealed partial class DomainDefinition
{
    /// <summary>The processor; null where the definition leaves it to the hypervisor.</summary>
    public DomainCpu? Cpu
    {
        get
        {
            var cpu = _domain.Element("cpu");
            var mode = (string?)cpu?.Attribute("mode") ?? "custom";
            var model = (string?)cpu?.Element("model");
            if (cpu is null || (mode is "custom" && model is null))
            {
                return null;
            }

            return new(mode, model, (string?)cpu.Element("vendor"), WithoutVendor(cpu))
            {
                Check = (string?)cpu.Attribute("check") ?? "none",
                IsMigratable = (string?)cpu.Attribute("migratable") is not "off",
                Features = cpu.Elements("feature")
                    .GroupBy(f => (string?)f.Attribute("name") ?? string.Empty, f => (string?)f.Attribute("policy") ?? "require", StringComparer.Ordinal)
                    .ToDictionary(f => f.Key, f => f.Last(), StringComparer.Ordinal),
            };
        }
    }

    /// <summary>The frequency in hertz that the guest's time stamp counter is held to; null for the host's.</summary>
    public long? TscFrequency => _domain.Elements("clock").Elements("timer")
        .Where(t => (string?)t.Attribute("name") is "tsc")
        .Select(t => long.TryParse((string?)t.Attribute("frequency"), NumberStyles.None, CultureInfo.InvariantCulture, out var f) && f > 0 ? f : (long?)null)
        .FirstOrDefault(f => f is not null);

    /// <summary>Which host processors the threads of the domain are bound to.</summary>
    public IReadOnlyList<DomainBinding> CpuBindings =>
    [
        .. Bindings(_domain.Elements("vcpu"), "cpuset", _ => "all vCPUs"),
        .. Bindings(_domain.Elements("cputune").Elements("vcpupin"), "cpuset", p => $"vCPU {(string?)p.Attribute("vcpu")}"),
        .. Bindings(_domain.Elements("cputune").Elements("emulatorpin"), "cpuset", _ => "the emulator's threads"),
        .. Bindings(_domain.Elements("cputune").Elements("iothreadpin"), "cpuset", p => $"I/O thread {(string?)p.Attribute("iothread")}"),
    ];

    /// <summary>Which host NUMA cells the memory of the domain is bound to.</summary>
    public IReadOnlyList<DomainBinding> MemoryBindings =>
    [
        .. Bindings(_domain.Elements("numatune").Elements("memory"), "nodeset", m => $"memory ({(string?)m.Attribute("mode") ?? "strict"})"),
        .. Bindings(_domain.Elements("numatune").Elements("memnode"), "nodeset",
            m => $"memory of guest cell {(string?)m.Attribute("cellid")} ({(string?)m.Attribute("mode") ?? "strict"})"),
    ];

    private static IEnumerable<DomainBinding> Bindings(IEnumerable<XElement> elements, string attribute, Func<XElement, string> name) =>
        elements.Where(e => e.Attribute(attribute) is not null)
            .Select(e => new DomainBinding(name(e), (string)e.Attribute(attribute)!, NumberSet.Parse((string)e.Attribute(attribute)!)));

    // Which vendor's name the host bears is no reason for QEMU to refuse the guest.
    private static string WithoutVendor(XElement cpu)
    {
        var copy = new XElement(cpu);
        copy.Elements("vendor").Remove();
        return copy.ToString(SaveOptions.DisableFormatting);
    }
}
