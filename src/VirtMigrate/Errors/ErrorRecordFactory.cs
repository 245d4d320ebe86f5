using System.Management.Automation;
using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Errors;

/// <summary>
/// Turns the core's typed exceptions into error records: a stable id, a category, the VM, host or job as the target,
/// a message that names them, and advice on what to do next.
/// </summary>
internal static class ErrorRecordFactory
{
    /// <summary>Whether an exception is one that the core throws on purpose. All others are defects and are let through.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>True when <see cref="Create"/> can describe it.</returns>
    public static bool Knows(Exception exception) => exception is HypervisorException;

    /// <summary>Makes the record for an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">The VM, host or job that it is about, or the text that was to name one.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord Create(Exception exception, object? target) =>
        Describe(ErrorKinds.Of(exception), exception, target, NameVm(exception, target), NameHost(exception, target));

    /// <summary>Makes the record for a host that the session is not connected to.</summary>
    /// <param name="host">The host as the user named it.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord HostNotConnected(string host) =>
        Describe(ErrorKinds.HostNotConnected, new ItemNotFoundException(Messages.Format("HostNotConnected", host, host, null)), host, host, host);

    private static ErrorRecord Describe(ErrorKind kind, Exception exception, object? target, string? vm, string? host)
    {
        object?[] facts = [vm, host, exception.Message];
        return new ErrorRecord(exception, kind.Id, kind.Category, target)
        {
            ErrorDetails = new ErrorDetails(Messages.Format(kind.Id, facts))
            {
                RecommendedAction = Messages.Format(kind.Id + "_Action", facts),
            },
        };
    }

    private static string? NameVm(Exception exception, object? target) => exception switch
    {
        VmNotFoundException { Vm: { } vm } => vm,
        _ => target is IVmReference reference ? reference.VmName : target?.ToString(),
    };

    private static string? NameHost(Exception exception, object? target) => (exception, target) switch
    {
        (HypervisorException { Host: { } host }, _) => host.Uri,
        (_, VmHost host) => host.Name,
        (_, IVmReference reference) => reference.LookupHost.Name,
        _ => target?.ToString(),
    };
}
