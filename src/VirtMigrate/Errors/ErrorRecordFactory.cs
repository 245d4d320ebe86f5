using System.Management.Automation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Selection;

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
    public static bool Knows(Exception exception) => exception is HypervisorException or MigrationException;

    /// <summary>Makes the record for an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">The VM, host or job that it is about, or the text that was to name one.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord Create(Exception exception, object? target) =>
        Describe(ErrorKinds.Of(exception), exception, target, ErrorFacts.Of(exception, target));

    /// <summary>Makes the record for an exception that concerns all that a selector names.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="selector">What was to name VMs.</param>
    /// <returns>The record, about the object that the selector was made of, else about its text.</returns>
    public static ErrorRecord CreateFor(Exception exception, VmSelector selector) =>
        Create(exception, (object?)selector.Reference ?? selector.ToString());

    /// <summary>Makes the record for a host that the session is not connected to.</summary>
    /// <param name="host">The host as the user named it.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord HostNotConnected(string host)
    {
        var facts = new ErrorFacts(null, host, string.Empty, null);
        return Describe(ErrorKinds.HostNotConnected, new ItemNotFoundException(Messages.Format("HostNotConnected", facts.ToArray())), host, facts);
    }

    /// <summary>Makes the record for a host that a migration of this session needs.</summary>
    /// <param name="host">The host.</param>
    /// <param name="vm">The VM that is being migrated.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord HostInUse(VmHost host, string vm)
    {
        var facts = new ErrorFacts(vm, host.Name, string.Empty, null);
        return Describe(ErrorKinds.HostInUse, new InvalidOperationException(Messages.Format("HostInUse", facts.ToArray())), host, facts);
    }

    /// <summary>Makes the record for a migration that had not ended when the waiting did.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="seconds">How long was waited.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord NotFinished(VmMigrationJobInfo job, int seconds)
    {
        var facts = new ErrorFacts(job.Vm, job.Source?.Name, $"{seconds} s", job.Destination?.Name);
        return Describe(ErrorKinds.MigrationNotFinished,
            new TimeoutException(Messages.Format("MigrationNotFinished", facts.ToArray())), job, facts);
    }

    /// <summary>Makes the record for a change that changes nothing.</summary>
    /// <returns>The record.</returns>
    public static ErrorRecord NothingToSet()
    {
        var facts = new ErrorFacts(null, null, string.Empty, null);
        return Describe(ErrorKinds.NothingToSet, new InvalidOperationException(Messages.Format("NothingToSet", facts.ToArray())), null, facts);
    }

    /// <summary>Makes the record for a policy's file that is there already.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord PolicyFileExists(string path)
    {
        var facts = new ErrorFacts(path, null, string.Empty, null);
        return Describe(ErrorKinds.PolicyFileExists, new IOException(Messages.Format("PolicyFileExists", facts.ToArray())), path, facts);
    }

    /// <summary>Makes the record for a policy's file that can't be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cause">What the system said.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord PolicyNotWritten(string path, Exception cause) =>
        Describe(ErrorKinds.PolicyNotWritten, cause, path, new ErrorFacts(path, null, cause.Message, null));

    /// <summary>Makes the record for a question that could not be put to anybody.</summary>
    /// <param name="vm">The VM's name.</param>
    /// <param name="risk">What can be lost.</param>
    /// <param name="target">What the question is about.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord ConfirmationNeeded(string vm, string risk, object target)
    {
        var facts = new ErrorFacts(vm, null, risk, null);
        return Describe(ErrorKinds.ConfirmationNeeded,
            new InvalidOperationException(Messages.Format("ConfirmationNeeded", facts.ToArray())), target, facts);
    }

    private static ErrorRecord Describe(ErrorKind kind, Exception exception, object? target, ErrorFacts facts) =>
        new(exception, kind.Id, kind.Category, target)
        {
            ErrorDetails = new ErrorDetails(Messages.Format(MigrationAdvice.FindMessage(exception, kind), facts.ToArray()))
            {
                RecommendedAction = Messages.Advise(MigrationAdvice.Find(exception, kind), facts.ToAdvice()),
            },
        };
}
