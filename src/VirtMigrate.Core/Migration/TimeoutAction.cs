namespace VirtMigrate.Migration;

/// <summary>What happens to a migration that has not ended when its time is up.</summary>
public enum TimeoutAction
{
    /// <summary>It is aborted and the VM stays on the source.</summary>
    Abort,

    /// <summary>The guest is stopped, so that it dirties no more memory and the rest can move (<c>virsh migrate --timeout-suspend</c>).</summary>
    Suspend,

    /// <summary>The guest moves over at once and fetches the rest of its memory (<c>virsh migrate --timeout-postcopy</c>).</summary>
    PostCopy,
}
