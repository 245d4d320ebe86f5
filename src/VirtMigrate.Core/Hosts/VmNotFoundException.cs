namespace VirtMigrate.Hosts;

/// <summary>The host has no such VM.</summary>
public sealed class VmNotFoundException : HypervisorException
{
    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">Libvirt's error.</param>
    /// <param name="host">The host that it concerns.</param>
    public VmNotFoundException(HypervisorError error, HostAddress? host = null)
        : base(error, host)
    {
    }

    /// <summary>Makes an exception for a VM that a look-up did not find.</summary>
    /// <param name="vm">The VM's name or UUID.</param>
    /// <param name="host">The host that has no such VM.</param>
    public VmNotFoundException(string vm, HostAddress host)
        : base($"'{host}' has no VM '{vm}'.")
    {
        Vm = vm;
        Host = host;
    }

    /// <summary>Makes an exception for a VM that a look-up did not find where it was looked for, but on other hosts.</summary>
    /// <param name="vm">The VM's name.</param>
    /// <param name="host">The host that has no such VM.</param>
    /// <param name="elsewhere">The VMs of that name.</param>
    public VmNotFoundException(string vm, HostAddress host, IReadOnlyList<Vm> elsewhere)
        : this(vm, host) => Elsewhere = elsewhere;

    /// <summary>The VMs that other connected hosts have under the name, perhaps in another case; empty where that was not asked.</summary>
    public IReadOnlyList<Vm> Elsewhere { get; } = [];

    /// <summary>The name or UUID that was looked for; null where libvirt's message alone tells.</summary>
    public string? Vm { get; }
}
