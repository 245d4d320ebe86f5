using System.Management.Automation;
using VirtMigrate.Hosts;

namespace VirtMigrate.Selection;

/// <summary>Finds connected hosts by a name or URI with wildcards.</summary>
internal static class VmHostPattern
{
    /// <summary>Finds the connections that a text names.</summary>
    /// <param name="connections">The session's connections.</param>
    /// <param name="text">A name, address or pattern.</param>
    /// <returns>The connections; none where nothing matches.</returns>
    public static IReadOnlyList<HostConnection> Find(HostConnections connections, string text)
    {
        // A URI may itself hold wildcards: ?pkipath=… or [::1]. An exact hit is what was meant then.
        var opened = connections.Opened.OrderBy(c => c.Host?.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var exact = opened.Where(c => IsExact(c, text)).ToList();
        if (exact.Count > 0)
        {
            return exact;
        }

        var pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase);
        return [.. opened.Where(c => pattern.IsMatch(c.Host?.Name) || pattern.IsMatch(c.Address.Uri))];
    }

    private static bool IsExact(HostConnection connection, string text) =>
        string.Equals(connection.Host?.Name, text, StringComparison.OrdinalIgnoreCase) ||
        string.Equals(connection.Address.Uri, text, StringComparison.Ordinal) ||
        string.Equals(connection.Address.Uri, $"qemu+ssh://{text}/system", StringComparison.Ordinal);
}

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
