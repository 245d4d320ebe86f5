namespace VirtMigrate.Planning;

/// <summary>Whether libvirt would take two hosts for one: it compares both names and both UUIDs, and refuses either match half a migration later.</summary>
internal static class SameHost
{
    /// <summary>Finds what two hosts share.</summary>
    /// <param name="source">One host.</param>
    /// <param name="destination">The other.</param>
    /// <returns>What they share, such as <c>the host UUID …</c>; null where they are two.</returns>
    public static string? Shared(VmHost source, VmHost destination) =>
        string.Equals(source.Uri, destination.Uri, StringComparison.Ordinal) ? $"the URI {source.Uri}" :
        source.Uuid is { } uuid && uuid == destination.Uuid ? $"the host UUID {uuid}" :
        string.Equals(source.Name, destination.Name, StringComparison.OrdinalIgnoreCase) ? $"the host name {source.Name}" :
        null;
}
