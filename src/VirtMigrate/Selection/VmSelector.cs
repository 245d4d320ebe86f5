using System.Management.Automation;
using VirtMigrate.Failures;
using VirtMigrate.Jobs;

namespace VirtMigrate.Selection;

/// <summary>
/// Names one or more VMs, as a command's <c>-Vm</c> takes them: a name, with or without wildcards, a UUID, or an object that
/// names one VM.
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

    /// <summary>What an error about the VMs is about: the object, else the text.</summary>
    internal object Target => (object?)Reference ?? ToString();

    /// <summary>Makes a selector of an object that names one VM.</summary>
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
    /// <returns>The text.</returns>
    public override string ToString() => Name ?? Uuid?.ToString() ?? string.Empty;

    /// <summary>What to look for on hosts. A UUID goes before the name that is beside it.</summary>
    /// <returns>The query.</returns>
    internal VmQuery ToQuery() => Uuid is { } uuid ? new(null, [uuid]) : new([Name!]);
}

/// <summary>
/// Lets a parameter take VMs in every form: names with wildcards, UUIDs, Vm objects, results, jobs and verifications, also
/// when they were serialized, and rows that carry <c>Vm</c> or <c>Name</c>. The parameter gets <see cref="VmSelector"/>s.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class VmTransformationAttribute : ArgumentTransformationAttribute
{
    private const string Advice =
        "Name a VM by its name (web1), a wildcard (web*) or its UUID, or give an object from Get-Vm, Start-VmMigration or Get-VmMigrationJob.";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        TransformationInput.Unwrap(inputData) is object?[] items
            ? items.Select(ReadVm).ToArray()
            : new[] { ReadVm(inputData) };

    private static VmSelector ReadVm(object? item) => TransformationInput.Unwrap(item) switch
    {
        VmSelector selector => selector,
        IVmReference reference => VmSelector.FromReference(reference),
        Guid uuid => new() { Uuid = uuid },
        string { Length: > 0 } text => VmSelector.FromText(text),

        // A name of digits is a number to PowerShell, which still knows how it was typed.
        int or long or double or decimal or System.Numerics.BigInteger => VmSelector.FromText(LanguagePrimitives.ConvertTo<string>(item)),
        PSCustomObject => ReadRow(item),
        not null when TransformationInput.ReadValue(item, nameof(VmMigrationResult.Vm)) is string { Length: > 0 } name => VmSelector.FromText(name),
        _ => throw TransformationInput.Refuse(item, Advice),
    };

    private static VmSelector ReadRow(object? row)
    {
        var name = TransformationInput.ReadText(row, nameof(VmMigrationResult.Vm)) ?? TransformationInput.ReadText(row, nameof(Vm.Name));
        var hasUuid = Guid.TryParse(TransformationInput.ReadText(row, nameof(IVmReference.Uuid)), out var uuid);

        // Another module's serialized object may have a name, too, but is no VM; a row that a person wrote has no type.
        return name is not null && (hasUuid || !TransformationInput.IsDeserialized(row))
            ? new() { Name = name, Uuid = hasUuid ? uuid : null, VmHost = ReadHost(row) }
            : throw TransformationInput.Refuse(row, Advice);
    }

    // A serialized result of a migration that completed speaks of a VM that is on its destination. JSON has outcomes as numbers.
    private static string? ReadHost(object? row)
    {
        var isCompleted = Enum.TryParse<MigrationOutcome>(TransformationInput.ReadText(row, nameof(VmMigrationResult.Outcome)), out var outcome) &&
            outcome is MigrationOutcome.Completed or MigrationOutcome.ArrivedChanged;
        return new[] { nameof(Vm.VmHost), isCompleted ? nameof(VmMigrationResult.Destination) : nameof(VmMigrationResult.Source) }
            .Select(name => TransformationInput.ReadValue(row, name))
            .Select(host => host is string text ? text : TransformationInput.ReadText(host, nameof(VmHost.Uri)))
            .FirstOrDefault(host => !string.IsNullOrEmpty(host));
    }
}
