namespace VirtMigrate.Migration.Options;

/// <summary>How much of a disk that is not shared is copied.</summary>
public enum StorageCopy
{
    /// <summary>All of it (<c>--copy-storage-all</c>).</summary>
    All,

    /// <summary>What lies over a base image that both hosts have (<c>--copy-storage-inc</c>).</summary>
    Incremental,
}
