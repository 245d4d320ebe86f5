namespace VirtMigrate.Failures;

/// <summary>What the VM's network cards are plugged into and the destination lacks.</summary>
internal static class NetworkFailures
{
    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        new("NetworkMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' has no virtual network of the name that the VM uses. {f.Said}",
            f => $"To see what it has: virsh -c {f.DestinationWord} net-list --all. To copy it from '{f.Host}': virsh -c " +
                $"{f.HostWord} net-dumpxml {f.NamedWord} > net.xml; virsh -c {f.DestinationWord} net-define net.xml; virsh -c " +
                $"{f.DestinationWord} net-start {f.NamedWord}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["no network with matching name"],
        },
        new("NetworkInactive", FailureCategory.InvalidOperation,
            f => $"A virtual network of the VM is not active on '{f.Destination}'. {f.Said}",
            f => $"Start it: virsh -c {f.DestinationWord} net-start {f.NamedWord}; virsh -c {f.DestinationWord} net-autostart " +
                $"{f.NamedWord}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["network '…' is not active"],
        },
        new("BridgeMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks a bridge that the VM is connected to. {f.Said}",
            f => $"Create the bridge on '{f.Destination}' with the same name ({f.NamedWord}), or connect the VM to a libvirt network, " +
                $"whose bridge may differ from host to host. What the VM uses: virsh -c {f.HostWord} domiflist {f.VmWord}. What is " +
                $"there: ip link show type bridge, on '{f.Destination}'")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Cannot get interface MTU on '…No such device", "Unable to add bridge…No such device"],
        },
        new("NetworkMtuMismatch", FailureCategory.InvalidData,
            f => $"The VM's network has a different MTU on '{f.Destination}' than on '{f.Host}'. {f.Said}",
            f => $"Set the same MTU on both hosts: ip link set <bridge> mtu <number>, or virsh net-edit with <mtu size='...'/>. What " +
                $"the VM uses: virsh -c {f.HostWord} domiflist {f.VmWord}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Target network card MTU…does not match source"],
        },
        new("HostInterfaceMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks a network interface that the VM uses directly (macvtap). {f.Said}",
            f => $"What the VM uses: virsh -c {f.HostWord} domiflist {f.VmWord}. What is there: ip -brief link, on " +
                $"'{f.Destination}'. A libvirt network (forward mode='bridge' with its own <interface dev=.../>) may name " +
                $"another interface on each host.")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Unable to get index for interface", "cannot get interface flags on macvtap tap"],
        },
    ];
}
