using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Session;

namespace VirtMigrate.Cmdlets;

/// <summary>A cmdlet that uses the hosts that its PowerShell session is connected to.</summary>
public abstract class SessionCmdlet : CancellableCmdlet
{
    private ModuleSession? _session;

    /// <summary>What this PowerShell session keeps between commands.</summary>
    private protected ModuleSession Session => _session ?? throw new InvalidOperationException("The command has not begun.");

    /// <summary>The hosts that this PowerShell session is connected to.</summary>
    private protected HostConnections Connections => Session.Connections;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // Only the pipeline thread knows its runspace; the tasks do not.
        _session = ModuleSession.Current;
        base.BeginProcessing();
    }

    /// <summary>Finds the connection to a host that the user named, or to the default source where none was named.</summary>
    /// <param name="host">A connected host's name, a URI or a bare host; null for the default source.</param>
    /// <returns>The connection, open or not; null when the text names no host, which has then been reported.</returns>
    private protected HostConnection? FindConnection(string? host)
    {
        try
        {
            return host is null ? Connections.Get(HostAddresses.DefaultSource) : Connections.Get(host);
        }
        catch (HypervisorException e) when (e.Failure == HostFailures.AddressInvalid)
        {
            WriteError(ErrorRecordFactory.Create(e, e.Facts.Vm));
            return null;
        }
    }

    /// <summary>Finds the connections to several hosts, or to the default source where none was named.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <returns>The connections, open or not, each once.</returns>
    private protected IReadOnlyList<HostConnection> FindConnections(IReadOnlyCollection<string>? hosts) =>
        [.. (hosts is { Count: > 0 } ? hosts : [null!]).Select(FindConnection).OfType<HostConnection>().Distinct()];

    /// <summary>Finds a migration of this session that ends with a connection, since it runs over it.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The VM's name; null where there is none.</returns>
    private protected string? FindMigration(HostConnection connection) => Session.Registry.Current
        .Where(c => ReferenceEquals(c.Request.Source, connection) || ReferenceEquals(c.Request.Destination, connection))
        .Select(c => c.Request.Vm.Name)
        .FirstOrDefault();
}
