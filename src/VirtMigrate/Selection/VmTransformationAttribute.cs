using System.Management.Automation;

namespace VirtMigrate.Selection;

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
        not null when TransformationInput.ReadValue(item, "Vm") is string { Length: > 0 } name => VmSelector.FromText(name),
        _ => throw TransformationInput.Refuse(item, Advice),
    };

    private static VmSelector ReadRow(object? row)
    {
        var name = TransformationInput.ReadText(row, "Vm") ?? TransformationInput.ReadText(row, "Name");
        var hasUuid = Guid.TryParse(TransformationInput.ReadText(row, "Uuid"), out var uuid);

        // Another module's serialized object may have a name, too, but is no VM; a row that a person wrote has no type.
        return name is not null && (hasUuid || !TransformationInput.IsDeserialized(row))
            ? new() { Name = name, Uuid = hasUuid ? uuid : null, VmHost = ReadHost(row) }
            : throw TransformationInput.Refuse(row, Advice);
    }

    // A serialized result of a migration that completed speaks of a VM that is on its destination. JSON has outcomes as numbers.
    private static string? ReadHost(object? row)
    {
        var isCompleted = Enum.TryParse<MigrationOutcome>(TransformationInput.ReadText(row, "Outcome"), out var outcome) &&
            outcome is MigrationOutcome.Completed or MigrationOutcome.ArrivedChanged;
        return new[] { "VmHost", isCompleted ? "Destination" : "Source" }
            .Select(name => TransformationInput.ReadValue(row, name))
            .Select(host => host is string text ? text : TransformationInput.ReadText(host, nameof(VmHost.Uri)))
            .FirstOrDefault(host => !string.IsNullOrEmpty(host));
    }
}
