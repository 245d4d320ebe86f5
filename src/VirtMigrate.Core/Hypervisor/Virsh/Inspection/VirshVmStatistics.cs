using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Asks for statistics of VMs, passing over what would have to wait for a VM's job lock, where the driver can.</summary>
/// <param name="virsh">The host.</param>
internal sealed class VirshVmStatistics(IVirsh virsh)
{
    // Not every driver knows the flag; the first refusal is remembered.
    private volatile bool _waits;

    /// <summary>The command whose answer <see cref="TakeAsync"/> takes.</summary>
    /// <param name="options">What is asked, and of which VM; of all where none is named.</param>
    /// <returns>The command.</returns>
    public IReadOnlyList<string> Command(params IReadOnlyList<string> options) =>
        _waits ? ["domstats", "--raw", .. options] : ["domstats", "--raw", "--nowait", .. options];

    /// <summary>Takes statistics that were asked for together with other things.</summary>
    /// <param name="answer">The answer to <see cref="Command"/>.</param>
    /// <param name="options">What was asked.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The statistics of each VM, in the host's order.</returns>
    public async Task<IReadOnlyList<VmRecord>> TakeAsync(VirshAnswer answer, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        if (!VirshRefusal.IsUnknownFlag(answer.Error))
        {
            return DomstatsOutput.Read(answer.Take());
        }

        _waits = true;
        return DomstatsOutput.Read(await virsh.RunAsync(Command(options), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks.</summary>
    /// <param name="options">What is asked, and of which VM; of all where none is named.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The statistics of each VM, in the host's order.</returns>
    public async Task<IReadOnlyList<VmRecord>> ReadAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([Command(options)], cancellationToken).ConfigureAwait(false);
        return await TakeAsync(answers[0], options, cancellationToken).ConfigureAwait(false);
    }
}
