namespace VirtMigrate;

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

/// <summary>How much of a disk that is not shared is copied.</summary>
public enum StorageCopy
{
    /// <summary>All of it (<c>--copy-storage-all</c>).</summary>
    All,

    /// <summary>What lies over a base image that both hosts have (<c>--copy-storage-inc</c>).</summary>
    Incremental,
}

/// <summary>A domain definition that a migration uses at the destination.</summary>
/// <param name="Text">The XML.</param>
/// <param name="Path">The file that it was read from; null where the text itself was given.</param>
public sealed record MigrationXml(string Text, string? Path = null)
{
    /// <summary>The file's path, or the XML.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => Path ?? Text;
}
