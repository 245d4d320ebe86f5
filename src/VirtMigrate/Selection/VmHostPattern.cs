using System.Management.Automation;
using VirtMigrate.Hosts;

namespace VirtMigrate.Selection;

/// <summary>Finds connected hosts by a name or URI with wildcards.</summary>
internal static class VmHostPattern
{
    /// <summary>Finds the connections that a text names.</summary>
    /// <param name="connections">The session's connections.</param>
    /// <param name="text">A name, address or pattern.</param>
    /// <returns>The connections; none where nothing fits.</returns>
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
