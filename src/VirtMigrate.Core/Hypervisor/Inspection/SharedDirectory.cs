namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A directory of the host that the guest sees.</summary>
/// <param name="Source">The directory, or the socket of the daemon that serves it.</param>
/// <param name="Target">The tag that the guest mounts it by.</param>
/// <param name="IsVirtiofs">Whether it is served by virtiofsd; false for 9p.</param>
public sealed record SharedDirectory(string Source, string Target, bool IsVirtiofs)
{
    /// <summary>What to call it to people.</summary>
    /// <returns>The tag and the directory.</returns>
    public override string ToString() => $"{Target} ({Source})";
}
