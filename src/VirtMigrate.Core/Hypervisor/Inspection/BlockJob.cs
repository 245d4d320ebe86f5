namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A job that runs on a disk of a VM.</summary>
/// <param name="Target">The disk's target, such as <c>vda</c>.</param>
/// <param name="Operation">What it does, in virsh's words: <c>Block Pull</c>, <c>Block Copy</c>, <c>Block Commit</c>, <c>Active Block Commit</c>, <c>Backup</c>.</param>
/// <param name="Position">How far it is, in bytes.</param>
/// <param name="End">Where it ends, in bytes.</param>
public sealed record BlockJob(string Target, string Operation, long Position, long End);
