namespace VirtMigrate.Model;

/// <summary>What came of one check of one VM and destination.</summary>
public sealed record VmMigrationCheck
{
    /// <summary>The check's stable id, such as <c>MachineType</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What it is about.</summary>
    public required ReadinessCategory Category { get; init; }

    /// <summary>What came of it.</summary>
    public required ReadinessStatus Status { get; init; }

    /// <summary>Whether it keeps data from being lost: then it can't be skipped, and what it can't verify is an obstacle.</summary>
    public bool ProtectsData { get; init; }

    /// <summary>What was found, in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What was read, and from where.</summary>
    public IReadOnlyList<ReadinessEvidence> Evidence { get; init; } = [];

    /// <summary>What to do about it, with a command where one exists; null where nothing is to be done.</summary>
    public string? Recommendation { get; init; }

    /// <summary>The message with which libvirt or QEMU would have failed; null where it would not.</summary>
    public string? LibvirtError { get; init; }

    /// <summary>What the check broke with, for a report: a defect of this module. Null for a check that did its work.</summary>
    public string? Defect { get; init; }

    /// <summary>Id, status and message.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Id}: {Status}. {Message}";
}
