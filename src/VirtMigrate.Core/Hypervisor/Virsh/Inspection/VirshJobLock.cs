using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Looks at the lock that a VM's jobs hold, without waiting for it (domcontrol).</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshJobLock(IVirsh virsh)
{
    // Every look by anybody takes the lock for a moment; only one that is held for longer is worth avoiding.
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Tells whether a call that takes a VM's job lock would be answered at once (virDomainGetControlInfo).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when somebody holds the lock.</returns>
    public async Task<bool> IsFreeAsync(Guid vm, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> command = ["domcontrol", vm.ToString()];
        for (var look = 0; look < Looks; look++)
        {
            // A driver without control information has no such lock either.
            var answers = await virsh.RunManyAsync([command], cancellationToken).ConfigureAwait(false);
            if (answers[0].Error is not null || DomcontrolOutput.ReadIsFree(answers[0].Output))
            {
                return true;
            }

            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }
}
