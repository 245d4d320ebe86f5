using System.Text.RegularExpressions;
using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Finds out from what virsh and ssh write to their standard error what went wrong.</summary>
/// <remarks>
/// Virsh prints the message alone. For most codes libvirt begins its message with words of its own (virErrorMsgStrings in
/// virerror.c), so that the code can be told from them; those of the system, of RPC and of GnuTLS have none.
/// </remarks>
internal static partial class VirshErrors
{
    /// <summary>What virsh puts before each message.</summary>
    public const string Prefix = "error: ";

    // What POSIX shells return for a program that is not there.
    private const int NotFound = 127;

    private const string Disconnected = "Disconnected from ";
    private const string Reconnected = "Reconnected to the hypervisor";

    private static readonly (string Begin, int Code)[] Codes =
    [
        ("internal error", LibvirtErrorCode.InternalError),
        ("this function is not supported by the connection driver", LibvirtErrorCode.NoSupport),
        ("unknown host ", LibvirtErrorCode.UnknownHost),
        ("no connection driver available", 5),
        ("invalid connection pointer in", LibvirtErrorCode.InvalidConnection),
        ("invalid argument", LibvirtErrorCode.InvalidArgument),
        ("operation failed", LibvirtErrorCode.OperationFailed),
        ("library call failed", LibvirtErrorCode.CallFailed),
        ("XML error: ", 27),
        ("operation forbidden", LibvirtErrorCode.OperationDenied),
        ("Domain not found", LibvirtErrorCode.NoDomain),
        ("Network not found", LibvirtErrorCode.NoNetwork),
        ("authentication failed", LibvirtErrorCode.AuthenticationFailed),
        ("Storage pool not found", LibvirtErrorCode.NoStoragePool),
        ("Storage volume not found", LibvirtErrorCode.NoStorageVolume),
        ("Node device not found", LibvirtErrorCode.NoNodeDevice),
        ("Requested operation is not valid", LibvirtErrorCode.OperationInvalid),
        ("Interface not found", LibvirtErrorCode.NoInterface),
        ("Secret not found", 66),
        ("unsupported configuration", 67),
        ("Timed out during operation", LibvirtErrorCode.OperationTimeout),
        ("Failed to make domain persistent after migration", 69),
        ("Hook script execution failed", 70),
        ("argument unsupported", LibvirtErrorCode.ArgumentUnsupported),
        ("operation aborted", LibvirtErrorCode.OperationAborted),
        ("authentication cancelled", LibvirtErrorCode.AuthenticationCancelled),
        ("Unsafe migration", 81),
        ("numerical overflow", 82),
        ("block copy still active", 83),
        ("Operation not supported", LibvirtErrorCode.OperationUnsupported),
        ("resource busy", 87),
        ("access denied", LibvirtErrorCode.AccessDenied),
        ("the CPU is incompatible with host CPU", LibvirtErrorCode.CpuIncompatible),
        ("migration successfully aborted", 93),
        ("authentication unavailable", LibvirtErrorCode.AuthenticationUnavailable),

        // Virsh's own words for a domain that is not there, and for what an older virsh does not know.
        ("failed to get domain '", LibvirtErrorCode.NoDomain),
        ("unknown command: ", LibvirtErrorCode.NoSupport),
        ("command '", LibvirtErrorCode.NoSupport),
    ];

    /// <summary>Reads the error that counts: the last one, which is libvirt's, where virsh had something to say before it.</summary>
    public static HypervisorError? Read(string text)
    {
        var messages = Messages(text);
        messages.RemoveAll(m => m.Equals(Reconnected, StringComparison.Ordinal));
        var said = messages.FindLast(m => !m.StartsWith(Disconnected, StringComparison.Ordinal)) ?? messages.LastOrDefault();
        return said is null ? null : Of(said);
    }

    /// <summary>Whether a line says that virsh lost the host's daemon.</summary>
    public static bool IsDisconnection(string line) => line.StartsWith(Prefix + Disconnected, StringComparison.Ordinal);

    /// <summary>The error of a message, with the code that libvirt gave it.</summary>
    public static HypervisorError Of(string message)
    {
        var code = Array.Find(Codes, c => message.StartsWith(c.Begin, StringComparison.Ordinal)).Code;
        return new(code != 0 ? code : DomainExists().IsMatch(message) ? LibvirtErrorCode.DomainExists : LibvirtErrorCode.SystemError, 0, message)
        {
            Level = 2,
        };
    }

    /// <summary>Tells why a run of virsh or ssh, with its errors since the last command that was answered, has no complete answer.</summary>
    public static HypervisorException OfRun(ToolRun run, HostAddress address)
    {
        if (run.ExitCode == NotFound && Read(run.Errors) is null)
        {
            return new HypervisorToolException(run.Tool, $"could not be started: {Said(run)}", isMissing: true) { Host = address };
        }

        if (Read(run.Errors) is { } error)
        {
            return HypervisorErrors.ClassifyOpening(error, address);
        }

        return run.ExitCode == SshTarget.Failed || (run.ExitCode != 0 && run.Errors.Trim().Length > 0)
            ? HypervisorErrors.ClassifyOpening(Of(Said(run)), address)
            : new HypervisorToolException(run.Tool, run.ExitCode == 0
                ? "ended before its answer was complete."
                : $"ended with exit status {run.ExitCode} before its answer was complete.") { Host = address };
    }

    private static string Said(ToolRun run) => run.Errors.Trim() is { Length: > 0 } text ? text : $"exit status {run.ExitCode}";

    // A message may have several lines; the next one begins where virsh says so.
    private static List<string> Messages(string text)
    {
        var messages = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                messages.Add(line[Prefix.Length..]);
            }
            else if (messages.Count > 0)
            {
                messages[^1] += "\n" + line;
            }
        }

        return [.. messages.Select(m => m.Trim()).Where(m => m.Length > 0)];
    }

    [GeneratedRegex(@"^domain .* exists already$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DomainExists();
}
