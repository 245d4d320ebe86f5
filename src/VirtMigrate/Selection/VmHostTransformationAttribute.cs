using System.Management.Automation;

namespace VirtMigrate.Selection;

/// <summary>
/// Lets a parameter that names hosts take a libvirt URI, a bare host, <c>user@host</c>, the name of a connected host, or a
/// VmHost object, also one that was serialized. The parameter gets texts.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class VmHostTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        TransformationInput.Unwrap(inputData) is object?[] items
            ? items.Select(ReadHost).ToArray()
            : ReadHost(inputData);

    private static string ReadHost(object? item) => TransformationInput.Unwrap(item) switch
    {
        string { Length: > 0 } text => text,
        VmHost host => host.Uri,
        HostAddress address => address.Uri,
        Uri uri => uri.OriginalString,
        PSCustomObject when TransformationInput.ReadText(item, nameof(VmHost.Uri)) is { } uri => uri,
        _ => throw TransformationInput.RefuseConversion(item,
            "Name a host by a libvirt URI (qemu+ssh://kvm2/system), by itself (kvm2, root@kvm2), or with an object from Get-VmHost."),
    };
}
