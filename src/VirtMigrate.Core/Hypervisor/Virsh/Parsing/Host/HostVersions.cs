namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>The versions that <c>virsh version --daemon</c> tells.</summary>
/// <param name="Client">Of the library that virsh uses.</param>
/// <param name="Daemon">Of the host's libvirt.</param>
/// <param name="Hypervisor">The hypervisor driver, such as <c>QEMU</c>.</param>
/// <param name="HypervisorVersion">Of the hypervisor; null where the host can't tell.</param>
internal sealed record HostVersions(Version Client, Version Daemon, string Hypervisor, Version? HypervisorVersion);
