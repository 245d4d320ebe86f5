using VirtMigrate.Hypervisor.Processes;

namespace VirtMigrate.Hypervisor.Virsh.Running;

/// <summary>Where the virsh of one host runs, and how it is started there.</summary>
internal interface IVirshPlace : IAsyncDisposable
{
    /// <summary>Whether what it takes to start virsh there still stands, as far as can be told without trying.</summary>
    bool IsAlive { get; }

    /// <summary>Whether a virsh that is running goes on when this side loses sight of it.</summary>
    bool OutlivesClient { get; }

    /// <summary>Runs virsh to its end.</summary>
    /// <param name="job">What it does.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <param name="interrupt">Interrupts it as the keyboard would, where it runs on this machine.</param>
    /// <returns>What it came to.</returns>
    Task<ToolRun> RunAsync(VirshJob job, CancellationToken cancellationToken, CancellationToken interrupt = default);

    /// <summary>Makes the command for a virsh that is listened to while it runs.</summary>
    /// <param name="script">What it does, in virsh's syntax.</param>
    /// <returns>The command.</returns>
    ToolCommand Listening(string script);

    /// <summary>The URI under which this virsh reaches another host.</summary>
    /// <param name="host">The other host, as the user named it.</param>
    /// <returns>The URI.</returns>
    /// <exception cref="HypervisorNotSupportedException">It can't.</exception>
    string UriOf(HostAddress host);
}
