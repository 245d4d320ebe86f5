namespace VirtMigrate.Model;

/// <summary>What one host says of one VM.</summary>
public sealed record VmInstance
{
    /// <summary>The host.</summary>
    public required VmHost VmHost { get; init; }

    /// <summary>State and reason; null when the host does not know the VM or could not be asked.</summary>
    public VmStatus? Status { get; init; }

    /// <summary>Whether the host keeps a definition of the VM.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether the host starts the VM when it boots itself (virsh autostart).</summary>
    public bool Autostart { get; init; }

    /// <summary>Why the host could not be asked; null when it answered.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the host answered.</summary>
    public bool IsKnown => Error is null;

    /// <summary>Whether the guest executes here.</summary>
    public bool IsExecuting => Status?.IsExecuting == true;

    /// <summary>Whether the VM has a process here, executing or not.</summary>
    public bool IsActive => Status?.IsActive == true;

    /// <summary>A text for people: <c>running (migrated)</c>, <c>not there</c> or <c>not seen: …</c>.</summary>
    /// <returns>The instance in words.</returns>
    public override string ToString() => this switch
    {
        { Error: { } error } => $"not seen: {error}",
        { Status: { } status } => IsPersistent ? status.ToString() : $"{status}, transient",
        _ => "not there",
    };
}
