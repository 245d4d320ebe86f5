using VirtMigrate.Model;

namespace VirtMigrate.Readiness;

/// <summary>
/// One reason for which migrations fail, looked for before anything moves. Each check is a class of its own; its id is the class's name
/// without the last word, and its texts are in the resources of its category:
/// <list type="bullet">
/// <item><c>Id</c>: what is looked at, in a sentence, for the documentation.</item>
/// <item><c>Id_Finding</c>: what was found.</item>
/// <item><c>Id_Finding_Action</c>: what to do about it.</item>
/// <item><c>Id_Finding_Error</c>: the message with which libvirt or QEMU would fail.</item>
/// </list>
/// </summary>
public abstract class ReadinessCheck
{
    /// <summary>The check's stable id.</summary>
    public string Id => GetType().Name[..^"Check".Length];

    /// <summary>What it is about.</summary>
    public abstract ReadinessCategory Category { get; }

    /// <summary>
    /// Whether Start-VmMigration makes it as well: it is done in a few calls, and disturbs nobody.
    /// </summary>
    public virtual bool IsQuick => true;

    /// <summary>Whether what it looks at can be another within minutes, so that it is made again when a migration starts from a report.</summary>
    public virtual bool CanChange => false;

    /// <summary>
    /// Whether it keeps data from being lost: another VM's, or the VM's own. Start-VmMigration always makes such a check, at the moment of
    /// the move too, whatever it is told to skip, and what such a check can't tell is an obstacle. Only an option made for that one danger,
    /// such as -Overwrite, goes past it.
    /// </summary>
    public virtual bool ProtectsData => false;

    /// <summary>What it looks at, in a sentence.</summary>
    public string Subject => ReadinessTexts.Get(Category, Id);

    /// <summary>Makes the check.</summary>
    /// <param name="move">The migration that it is made for, and what is known of VM and hosts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="Hypervisor.HypervisorException">A host can't tell; the check then counts as not verified.</exception>
    public abstract Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken);

    /// <summary>Nothing stands in the way.</summary>
    /// <param name="text">The text's name within the check's own.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The finding.</returns>
    protected static ReadinessFinding Passed(string text, params object?[] values) => new(ReadinessStatus.Passed, text, values);

    /// <summary>Something deserves attention.</summary>
    /// <param name="text">The text's name within the check's own.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The finding.</returns>
    protected static ReadinessFinding Warning(string text, params object?[] values) => new(ReadinessStatus.Warning, text, values);

    /// <summary>The migration would fail.</summary>
    /// <param name="text">The text's name within the check's own.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The finding.</returns>
    protected static ReadinessFinding Failed(string text, params object?[] values) => new(ReadinessStatus.Failed, text, values);

    /// <summary>It can't be looked at from here.</summary>
    /// <param name="text">The text's name within the check's own.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The finding.</returns>
    protected static ReadinessFinding NotVerified(string text, params object?[] values) => new(ReadinessStatus.NotVerified, text, values);

    /// <summary>The VM, or its migration, has nothing that the check is about.</summary>
    /// <param name="text">The text's name within the check's own.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The finding.</returns>
    protected static ReadinessFinding NotApplicable(string text, params object?[] values) => new(ReadinessStatus.NotApplicable, text, values);
}
