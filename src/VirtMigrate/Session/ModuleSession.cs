using System.Diagnostics.CodeAnalysis;
using System.Management.Automation.Runspaces;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using VirtMigrate.Estimation;
using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;

namespace VirtMigrate.Session;

/// <summary>
/// What one PowerShell session (runspace) keeps between commands. It ends with its runspace, or when the module is removed.
/// </summary>
internal sealed class ModuleSession
{
    private static readonly ConditionalWeakTable<Runspace, ModuleSession> Sessions = [];

    private int _ended;

    private ModuleSession() => Jobs = new(Registry);

    /// <summary>The session of the calling pipeline thread's runspace.</summary>
    public static ModuleSession Current => Of(Runspace.DefaultRunspace);

    /// <summary>The sessions of this process.</summary>
    public static IReadOnlyList<ModuleSession> All => [.. Sessions.Select(s => s.Value)];

    /// <summary>The hosts that the session is connected to.</summary>
    public HostConnections Connections { get; } = new(DetectedTransport.Of);

    /// <summary>The migrations that the session runs or has queued.</summary>
    public MigrationRegistry Registry { get; } = new();

    /// <summary>What the session's completed migrations have achieved.</summary>
    public BandwidthHistory History => Registry.History;

    /// <summary>The session's migration jobs.</summary>
    public VmMigrationJobs Jobs { get; }

    /// <summary>Ends the session of a runspace, if it has one. A later command begins another.</summary>
    /// <param name="runspace">The runspace.</param>
    public static void End(Runspace runspace)
    {
        if (Sessions.TryGetValue(runspace, out var session))
        {
            Sessions.Remove(runspace);
            session.End();
        }
    }

    private static ModuleSession Of(Runspace runspace)
    {
        if (Sessions.TryGetValue(runspace, out var known))
        {
            return known;
        }

        lock (Sessions)
        {
            return Sessions.GetValue(runspace, Begin);
        }
    }

    private static ModuleSession Begin(Runspace runspace)
    {
        ProcessSignals.Listen();

        // The handler holds no session, so that a runspace that outlives its session keeps nothing alive.
        runspace.StateChanged += static (sender, e) =>
        {
            if (sender is Runspace ending &&
                e.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
            {
                End(ending);
            }
        };
        return new();
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "A runspace closes synchronously.")]
    private void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            // A command that still runs in a runspace that closes (a thread job, an editor, a runbook's worker) is stopped as jobs are: its
            // connections stay until its VMs have been looked up.
            Registry.EndAsync().GetAwaiter().GetResult();
            Jobs.StopAll();
            Connections.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}

/// <summary>Ends the session when the module is removed from it.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => ModuleSession.End(Runspace.DefaultRunspace);
}
