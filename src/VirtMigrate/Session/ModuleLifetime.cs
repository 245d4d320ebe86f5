using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace VirtMigrate.Session;

/// <summary>Ends the session when the module is removed from it.</summary>
public sealed class ModuleLifetime : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => ModuleSession.End(Runspace.DefaultRunspace);
}
