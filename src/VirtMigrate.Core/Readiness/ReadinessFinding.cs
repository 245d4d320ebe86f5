using VirtMigrate.Model;

namespace VirtMigrate.Readiness;

/// <summary>What a check found, before it is put into words.</summary>
/// <param name="Status">What came of the check.</param>
/// <param name="Text">The name of the text that says it, within the check's own.</param>
/// <param name="Values">What goes into the text's places, and into those of its advice and of libvirt's message.</param>
public sealed record ReadinessFinding(ReadinessStatus Status, string Text, IReadOnlyList<object?> Values)
{
    /// <summary>What was read, and from where.</summary>
    public IReadOnlyList<ReadinessEvidence> Evidence { get; init; } = [];

    /// <summary>Adds something that was read.</summary>
    /// <param name="from">Where: a host's name, or <c>this computer</c>.</param>
    /// <param name="what">What was asked.</param>
    /// <param name="value">What was read.</param>
    /// <returns>The finding with it.</returns>
    public ReadinessFinding Seen(string from, string what, object? value) =>
        this with { Evidence = [.. Evidence, new(from, what, value?.ToString() ?? "nothing")] };
}
