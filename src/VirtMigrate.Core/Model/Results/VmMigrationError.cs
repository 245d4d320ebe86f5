namespace VirtMigrate.Model;

/// <summary>One error of a migration, as libvirt or this side gave it.</summary>
public sealed record VmMigrationError
{
    /// <summary>
    /// Where it arose, as far as the error tells: the message is one that only this end gives, names its job, or its connection
    /// is the one that broke.
    /// </summary>
    public required MigrationEnd End { get; init; }

    /// <summary>The name of that end's host; null where the end is this machine or not known.</summary>
    public string? Host { get; init; }

    /// <summary>What went wrong, as a number (virErrorNumber); null where no libvirt error stands behind it.</summary>
    public int? Code { get; init; }

    /// <summary>The part of libvirt that says so, as a number (virErrorDomain).</summary>
    public int? Domain { get; init; }

    /// <summary>The whole message, unchanged.</summary>
    public required string Message { get; init; }

    /// <summary>The id that the message is known by; null for one that is not known.</summary>
    public string? ErrorId { get; init; }

    /// <summary>When this side learned of it, on this machine's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The end and the message.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => End == MigrationEnd.Unknown ? Message : $"{Host ?? "this machine"}: {Message}";
}
