namespace VirtMigrate.Selection;

/// <summary>
/// Names one or more VMs, as a command's <c>-Vm</c> takes them: a name, with or without wildcards, a UUID, or an object that
/// speaks of one VM.
/// </summary>
public sealed class VmSelector
{
    /// <summary>The name, perhaps with wildcards; null where a UUID was given.</summary>
    public string? Name { get; init; }

    /// <summary>The UUID; null where a name was given.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>The host that an object names for its VM; null for plain names, which are looked up on <c>-VmHost</c>.</summary>
    public string? VmHost { get; init; }

    /// <summary>The object that this was made of; null for names, UUIDs and objects from another session.</summary>
    public IVmReference? Reference { get; init; }

    /// <summary>Makes a selector of an object that speaks of one VM.</summary>
    /// <param name="reference">The object.</param>
    /// <returns>The selector.</returns>
    public static VmSelector FromReference(IVmReference reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return new() { Name = reference.GetVmName(), Uuid = reference.Uuid, VmHost = reference.GetLookupHost().Uri, Reference = reference };
    }

    /// <summary>Makes a selector of a text.</summary>
    /// <param name="text">A name, with or without wildcards, or a UUID.</param>
    /// <returns>The selector.</returns>
    public static VmSelector FromText(string text) => Guid.TryParseExact(text, "D", out var uuid) ? new() { Uuid = uuid } : new() { Name = text };

    /// <summary>The name, else the UUID.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => Name ?? Uuid?.ToString() ?? string.Empty;

    /// <summary>What to look for on hosts. A UUID goes before the name that is beside it.</summary>
    /// <returns>The query.</returns>
    internal VmQuery ToQuery() => Uuid is { } uuid ? new(null, [uuid]) : new([Name!]);
}
