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

    /// <summary>Listens to a virsh for as long as it runs. It ends with this process, however this process ends.</summary>
    /// <param name="job">What it does; files and input are not for such a one.</param>
    /// <param name="output">Is told each line that it prints.</param>
    /// <param name="error">Is told each line of its errors.</param>
    /// <param name="cancellationToken">Stops listening, and ends it.</param>
    /// <returns>A task that ends with it.</returns>
    Task ListenAsync(VirshJob job, Action<string> output, Action<string> error, CancellationToken cancellationToken);

    /// <summary>The URI under which this virsh reaches another host.</summary>
    /// <param name="host">The other host, as the user named it.</param>
    /// <returns>The URI.</returns>
    /// <exception cref="HypervisorNotSupportedException">It can't.</exception>
    string UriOf(HostAddress host);
}
