using Xunit;

namespace VirtMigrate.ContractTests.Transports;

/// <summary>The transports that tests go through.</summary>
public static class TransportCases
{
    /// <summary>Every transport over every way that differs in more than its address.</summary>
    public static TheoryData<string> All => ["Libvirt/tls", "Libvirt/ssh", "Virsh/tcp", "Virsh/tls", "Virsh/ssh", "Ssh/ssh"];

    /// <summary>One way for each transport.</summary>
    public static TheoryData<string> Each => ["Libvirt/tcp", "Virsh/tcp", "Ssh/ssh"];

    /// <summary>The transports that run programs.</summary>
    public static TheoryData<string> Programs => ["Virsh/tcp", "Ssh/ssh"];
}
