using VirtMigrate.Failures;

namespace VirtMigrate.Hosts;

/// <summary>
/// A host, or the way to it, refused what was asked. What callers act on differently has types of its own; the rest is told by the reason.
/// </summary>
public class HypervisorException : FailureException
{
    /// <summary>Makes an exception without a library's error behind it.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">What caused it.</param>
    internal HypervisorException(string message, Exception? innerException = null)
        : this(HostFailures.LibvirtError, message, innerException)
    {
    }

    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">The error.</param>
    /// <param name="host">The host that it concerns.</param>
    internal HypervisorException(HypervisorError error, HostAddress? host = null)
        : this(HostFailures.LibvirtError, error, host)
    {
    }

    /// <summary>Makes an exception for a reason, without a library's error behind it.</summary>
    /// <param name="failure">The reason.</param>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">What caused it.</param>
    internal HypervisorException(Failure failure, string message, Exception? innerException = null)
        : base(failure, message, innerException)
    {
    }

    /// <summary>Makes an exception of a library's error, for a reason.</summary>
    /// <param name="failure">The reason.</param>
    /// <param name="error">The error.</param>
    /// <param name="host">The host that it concerns.</param>
    internal HypervisorException(Failure failure, HypervisorError error, HostAddress? host = null)
        : base(failure, Words(error))
    {
        Error = error;
        Host = host;
    }

    /// <summary>The library's error; null where the trouble arose on this side.</summary>
    public HypervisorError? Error { get; }

    /// <summary>The host that it concerns; null where it concerns none.</summary>
    public HostAddress? Host { get; init; }

    /// <inheritdoc/>
    public override FailureFacts Facts => About with
    {
        Host = Host?.Uri,
        HostUri = Host?.Uri,
        Said = About.Said.Length > 0 ? About.Said : Message,
    };

    /// <summary>What else the reason's message and advice can name.</summary>
    internal FailureFacts About { get; init; } = new();

    /// <summary>Makes an exception for a text that was to name a host and names none.</summary>
    /// <param name="text">The text.</param>
    internal static HypervisorException AddressInvalid(string text) =>
        new(HostFailures.AddressInvalid, $"'{text}' is neither a libvirt URI nor a host name.") { About = new() { Vm = text } };

    /// <summary>Makes an exception for a machine without the hypervisor's client library.</summary>
    /// <param name="library">The library's file name.</param>
    /// <param name="cause">What the loader said.</param>
    /// <param name="more">What was looked for in vain besides, as the end of a sentence; null for nothing.</param>
    internal static HypervisorException LibraryMissing(string library, Exception? cause, string? more = null) =>
        new(HostFailures.LibraryMissing, $"The library {library} could not be loaded{(more is null ? string.Empty : ", " + more)}.", cause);

    /// <summary>Makes an exception for a name that is nobody's letter by letter, and that of several VMs in another case.</summary>
    /// <param name="vm">The name that was given.</param>
    /// <param name="names">The names that the VMs have.</param>
    internal static HypervisorException NameAmbiguous(string vm, IReadOnlyList<string> names)
    {
        var said = string.Join(", ", names.Select(n => $"'{n}'"));
        return new(VmFailures.NameAmbiguous, $"'{vm}' may be any of {said}.") { About = new() { Vm = vm, Said = said, Named = names[0] } };
    }

    private static string Words(HypervisorError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Message;
    }
}

/// <summary>The host does not answer: its name is unknown, nobody listens, or no packet comes back.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class HostUnreachableException(HypervisorError error, HostAddress? host = null)
    : HypervisorException(HostFailures.Unreachable, error, host);

/// <summary>An open connection to the host broke; what was asked may or may not have been done.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class HostConnectionLostException(HypervisorError error, HostAddress? host = null)
    : HypervisorException(HostFailures.ConnectionLost, error, host);

/// <summary>The host did not answer within the time that was allowed.</summary>
public sealed class HostTimeoutException : HypervisorException
{
    /// <summary>Makes it of one call.</summary>
    /// <param name="host">The host.</param>
    /// <param name="timeout">The time.</param>
    internal HostTimeoutException(HostAddress host, TimeSpan timeout)
        : base(HostFailures.TimedOut, $"'{host}' did not answer within {timeout.TotalSeconds:0} s.") => Timeout = timeout;

    /// <summary>Makes it for a host that is not asked again yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="timeout">The time that the new call would have had.</param>
    /// <param name="outstanding">How many earlier calls it still owes an answer.</param>
    internal HostTimeoutException(HostAddress host, TimeSpan timeout, int outstanding)
        : base(HostFailures.TimedOut,
            $"{outstanding} earlier calls to '{host}' are still unanswered; no new ones are sent until one returns.") => Timeout = timeout;

    /// <summary>The time that was allowed.</summary>
    public TimeSpan Timeout { get; }
}

/// <summary>The host's libvirt or hypervisor cannot do this.</summary>
public sealed class HypervisorNotSupportedException : HypervisorException
{
    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">Libvirt's error.</param>
    /// <param name="host">The host that it concerns.</param>
    internal HypervisorNotSupportedException(HypervisorError error, HostAddress? host = null)
        : base(HostFailures.NotSupported, error, host)
    {
    }

    /// <summary>Makes an exception for what is known to be impossible before it is tried.</summary>
    /// <param name="message">What the host can't do, and why.</param>
    /// <param name="host">The host that it concerns.</param>
    internal HypervisorNotSupportedException(string message, HostAddress host)
        : base(HostFailures.NotSupported, message) => Host = host;
}

/// <summary>A program that reaches a host, virsh or ssh, is missing or ended without having answered.</summary>
/// <param name="tool">The program's name.</param>
/// <param name="reason">What happened to it: the end of a sentence that begins with its name.</param>
/// <param name="innerException">What the system said, where the program could not be started.</param>
/// <param name="isMissing">Whether it could not be started; otherwise it ended before its time.</param>
public sealed class HypervisorToolException(string tool, string reason, Exception? innerException = null, bool isMissing = false)
    : HypervisorException(
        isMissing || innerException is not null ? HostFailures.ToolMissing : HostFailures.ToolFailed,
        $"{tool} {reason}",
        innerException)
{
    /// <summary>The program's name.</summary>
    public string Tool { get; } = tool;

    /// <summary>Whether it could not be started; otherwise it ended before its time.</summary>
    public bool IsMissing => Failure == HostFailures.ToolMissing;
}

/// <summary>The host has no such VM.</summary>
public sealed class VmNotFoundException : HypervisorException
{
    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">Libvirt's error.</param>
    /// <param name="host">The host that it concerns.</param>
    internal VmNotFoundException(HypervisorError error, HostAddress? host = null)
        : base(VmFailures.NotFound, error, host)
    {
    }

    /// <summary>Makes an exception for a VM that a look-up did not find.</summary>
    /// <param name="vm">The VM's name or UUID.</param>
    /// <param name="host">The host that has no such VM.</param>
    internal VmNotFoundException(string vm, HostAddress host)
        : base(VmFailures.NotFound, $"'{host}' has no VM '{vm}'.")
    {
        Host = host;
        About = new() { Vm = vm };
    }

    /// <summary>Makes an exception for a VM that a look-up did not find where it was looked for, but on other hosts.</summary>
    /// <param name="vm">The VM's name.</param>
    /// <param name="host">The host that has no such VM.</param>
    /// <param name="elsewhere">The VMs of that name, perhaps in another case.</param>
    internal VmNotFoundException(string vm, HostAddress host, IReadOnlyList<Vm> elsewhere)
        : base(VmFailures.FoundElsewhere, $"'{host}' has no VM '{vm}'.")
    {
        Host = host;
        About = new()
        {
            Vm = vm,
            Destination = string.Join("', '", elsewhere.Select(there => there.VmHost.Name).Distinct(StringComparer.Ordinal)),
            DestinationUri = elsewhere[0].VmHost.Uri,
        };
    }
}

/// <summary>Another job holds the VM.</summary>
public sealed class VmBusyException : HypervisorException
{
    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">Libvirt's error.</param>
    /// <param name="host">The host that it concerns.</param>
    internal VmBusyException(HypervisorError error, HostAddress? host = null)
        : base(VmFailures.Busy, error, host)
    {
    }

    /// <summary>Makes an exception for a job that was seen before it was run into.</summary>
    /// <param name="message">What holds the VM.</param>
    /// <param name="host">The host that it concerns.</param>
    internal VmBusyException(string message, HostAddress host)
        : base(VmFailures.Busy, message) => Host = host;
}
