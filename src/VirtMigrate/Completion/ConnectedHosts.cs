using VirtMigrate.Session;

namespace VirtMigrate.Completion;

/// <summary>The hosts that the session is connected to, as Tab shows them.</summary>
internal static class ConnectedHosts
{
    /// <summary>Lists them without asking any of them.</summary>
    /// <returns>Their names, each with its URI.</returns>
    public static IEnumerable<(string Name, string ToolTip)> List() =>
        ModuleSession.Current.Connections.Opened.Select(c => c.Host).OfType<VmHost>().Select(h => (h.Name, h.Uri));
}
