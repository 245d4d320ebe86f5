using VirtMigrate.Migration;

namespace VirtMigrate.Tests.Core;

internal static class TestData
{
    public static readonly Guid Uuid = new("6f0f6f3e-6f55-4d0c-9c63-6c5d5c1f1a01");

    public static VmHost Host(string name = "kvm1") => new()
    {
        Name = name,
        Uri = $"qemu+tcp://{name}/system",
        Transport = "Libvirt",
        Hypervisor = "QEMU",
        LibvirtVersion = new(9, 0, 0),
        Architecture = "x86_64",
    };

    public static Vm Vm(VmState state) => new()
    {
        Name = "db1",
        Uuid = Uuid,
        Status = new(state, 1),
        VmHost = Host(),
        IsPersistent = true,
    };

    public static VmInstance Instance(string host, VmState state, int reason, bool isPersistent = true) => new()
    {
        VmHost = Host(host),
        Status = new(state, reason),
        IsPersistent = isPersistent,
    };

    public static VmInstance Absent(string host) => new() { VmHost = Host(host) };

    public static VmInstance Unseen(string host) => new() { VmHost = Host(host), Error = "no route to host" };

    /// <summary>A live migration of 15 s that went well.</summary>
    public static VmMigrationResult Result() => new()
    {
        Vm = "db1",
        Uuid = Uuid,
        Source = Host(),
        Destination = Host("kvm2"),
        Outcome = MigrationOutcome.Completed,
        IsLive = true,
        StartTime = DateTimeOffset.UnixEpoch,
        EndTime = DateTimeOffset.UnixEpoch.AddSeconds(15),
        Connections = 1,
        Command = "virsh migrate",
        Verification = Judge(Instance("kvm1", VmState.ShutOff, 4), Instance("kvm2", VmState.Running, 2)),
    };

    internal static VmMigrationVerification Judge(
        VmInstance source, VmInstance destination, CallState call = CallState.Lost, string vm = "db1", Guid? uuid = null) =>
        MigrationVerdict.Of(new()
        {
            Vm = vm,
            Uuid = uuid ?? Uuid,
            Source = source,
            Destination = destination,
            Call = call,
            Before = source.IsActive && source.Status is { IsPostCopyHalf: false, IsPausedByMigration: false } ? source.Status : new VmStatus(VmState.Running, 1),
        });
}
