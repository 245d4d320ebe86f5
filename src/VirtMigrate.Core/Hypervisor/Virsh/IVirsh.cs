namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>One host's virsh, wherever it runs.</summary>
internal interface IVirsh
{
    /// <summary>The host, as the user named it.</summary>
    HostAddress Address { get; }

    /// <summary>Runs one command.</summary>
    /// <param name="command">The command and its arguments, each as it is meant: nothing in them is ever taken for more.</param>
    /// <param name="cancellationToken">Gives up; virsh is then ended.</param>
    /// <param name="input">What the command reads from <c>/dev/stdin</c>; null for nothing.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="HypervisorException">The command failed, of the kind that fits; or virsh or ssh could not be run.</exception>
    Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, string? input = null);

    /// <summary>Runs many commands in as few processes as their length allows.</summary>
    /// <param name="commands">The commands with their arguments.</param>
    /// <param name="cancellationToken">Gives up; virsh is then ended.</param>
    /// <returns>One answer for each, in their order. What concerns the host and not one command is thrown.</returns>
    /// <exception cref="HypervisorException">The host can't be asked.</exception>
    Task<IReadOnlyList<VirshAnswer>> RunManyAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancellationToken);
}
