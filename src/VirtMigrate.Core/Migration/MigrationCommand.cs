using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Something that the machine of one migration wants done.</summary>
internal abstract record MigrationCommand
{
    /// <summary>Make the call that moves the VM.</summary>
    internal sealed record Call : MigrationCommand;

    /// <summary>Give up a call that has not reached libvirt yet.</summary>
    internal sealed record GiveUpCall : MigrationCommand;

    /// <summary>Listen to a host's events.</summary>
    /// <param name="End">The host.</param>
    internal sealed record Listen(MigrationEnd End) : MigrationCommand;

    /// <summary>Look at the VM's job on the source.</summary>
    internal sealed record ReadJob : MigrationCommand;

    /// <summary>Look at the VM on a host.</summary>
    /// <param name="End">The host.</param>
    internal sealed record LookAt(MigrationEnd End) : MigrationCommand;

    /// <summary>Read the statistics of the VM's last ended job on a host.</summary>
    /// <param name="End">The host.</param>
    internal sealed record ReadCompleted(MigrationEnd End) : MigrationCommand;

    /// <summary>Read the VM's definition on a host.</summary>
    /// <param name="End">The host.</param>
    internal sealed record ReadDefinition(MigrationEnd End) : MigrationCommand;

    /// <summary>Ask a host for something.</summary>
    /// <param name="What">What.</param>
    /// <param name="MaxDowntime">The downtime limit to be set.</param>
    internal sealed record Request(MigrationRequested What, TimeSpan? MaxDowntime = null) : MigrationCommand;

    /// <summary>Open the connection to the destination again.</summary>
    internal sealed record Reopen : MigrationCommand;

    /// <summary>Set a timer; one of the same name that runs is set again.</summary>
    /// <param name="Timer">The timer.</param>
    /// <param name="After">When it is to go off.</param>
    internal sealed record Arm(MigrationTimer Timer, TimeSpan After) : MigrationCommand;

    /// <summary>Stop a timer.</summary>
    /// <param name="Timer">The timer.</param>
    internal sealed record Disarm(MigrationTimer Timer) : MigrationCommand;

    /// <summary>Tell how it goes.</summary>
    /// <param name="Progress">How.</param>
    internal sealed record Report(MigrationProgress Progress) : MigrationCommand;

    /// <summary>Give the result out.</summary>
    /// <param name="Conclusion">How it ended.</param>
    internal sealed record Conclude(MigrationConclusion Conclusion) : MigrationCommand;

    /// <summary>Nothing is left to be done: after the result was given out and the call has returned.</summary>
    internal sealed record Leave : MigrationCommand;
}
