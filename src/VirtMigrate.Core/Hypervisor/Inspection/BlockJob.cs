namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A job that runs on a disk of a VM.</summary>
/// <param name="Target">The disk's target, such as <c>vda</c>.</param>
/// <param name="Operation">What it does, in virsh's words: <c>Block Pull</c>, <c>Block Copy</c>, <c>Block Commit</c>, <c>Active Block Commit</c>, <c>Backup</c>.</param>
/// <param name="Position">How far it is, in bytes.</param>
/// <param name="End">Where it ends, in bytes.</param>
public sealed record BlockJob(string Target, string Operation, long Position, long End)
{
    // By virDomainBlockJobType.
    private static readonly string[] Operations =
        ["Unknown job", "Block Pull", "Block Copy", "Block Commit", "Active Block Commit", "Backup"];

    /// <summary>What a job does, in virsh's words.</summary>
    /// <param name="type">The virDomainBlockJobType.</param>
    /// <returns>The words.</returns>
    internal static string Describe(int type) => Operations[type > 0 && type < Operations.Length ? type : 0];
}
