using VirtMigrate.Hosts;

namespace VirtMigrate.Simulation;

/// <summary>Which way this machine reaches the hosts.</summary>
internal enum SimulatedWay
{
    /// <summary>Libvirt's library in this process: the client of a migration is this process.</summary>
    InProcess,

    /// <summary>A virsh process beside this one: the client of a migration is that process.</summary>
    Virsh,

    /// <summary>virsh on the source, through ssh: the client of a migration is on the source, and outlives the connection.</summary>
    VirshOverSsh,
}

/// <summary>The errors that libvirt gives, as the transports throw them.</summary>
internal static class SimulatedErrors
{
    public static HypervisorException Of(int code, string message, SimulatedHost host) =>
        HypervisorErrors.Classify(new(code, 10, message) { Level = 2 }, host.Address);

    public static HypervisorException Busy(SimulatedHost host) => Of(LibvirtErrorCode.OperationTimeout,
        "Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainMigratePerform3Params)", host);

    public static HypervisorException NotFound(SimulatedHost host, Guid vm) =>
        Of(LibvirtErrorCode.NoDomain, $"Domain not found: no domain with matching uuid '{vm}'", host);

    public static HypervisorException NotRunning(SimulatedHost host) =>
        Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: domain is not running", host);

    public static HypervisorException NoJob(SimulatedHost host) =>
        Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: no job is active on the domain", host);

    public static HypervisorException NotInPostCopy(SimulatedHost host) =>
        Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: current job is not outgoing migration in post-copy mode", host);

    public static HypervisorException NoPostCopyYet(SimulatedHost host) =>
        Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: post-copy can only be started while outgoing migration is in progress", host);

    public static HypervisorException Failed(SimulatedHost host, string message) => Of(LibvirtErrorCode.OperationFailed, "operation failed: " + message, host);

    /// <summary>What a caller hears of a connection that broke under its call.</summary>
    public static HypervisorException Lost(SimulatedHost host, SimulatedWay way, string message) => way switch
    {
        SimulatedWay.InProcess => new HostConnectionLostException(new(LibvirtErrorCode.Rpc, 7, message) { Level = 2 }, host.Address),
        SimulatedWay.Virsh => new HypervisorToolException("virsh", "ended with exit status 1 before its answer was complete.") { Host = host.Address },
        _ => new HostConnectionLostException(new(LibvirtErrorCode.SystemError, 0, "client_loop: send disconnect: Broken pipe"), host.Address),
    };

    public static HypervisorException Unreachable(SimulatedHost host, string why) =>
        HypervisorErrors.ClassifyOpening(new(LibvirtErrorCode.SystemError, 7, $"unable to connect to server at '{host.Name}:16509': {why}") { Level = 2 }, host.Address);
}
