namespace VirtMigrate.Hypervisor;

/// <summary>The parameters of a libvirt URI.</summary>
internal static class UriParameters
{
    /// <summary>Reads them.</summary>
    /// <param name="uri">The URI.</param>
    /// <returns>The parameters by name; of one that is given twice the first.</returns>
    public static IReadOnlyDictionary<string, string> Read(Uri uri)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in uri.Query.TrimStart('?').Split(['&', ';'], StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            parameters.TryAdd(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : string.Empty);
        }

        return parameters;
    }
}
