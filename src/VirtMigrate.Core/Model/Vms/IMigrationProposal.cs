using System.Collections.Specialized;
using VirtMigrate.Migration.Policies;

namespace VirtMigrate.Model;

/// <summary>An object that says how a VM can be migrated, so that Start-VmMigration does what was thought through.</summary>
public interface IMigrationProposal : IVmReference
{
    // Methods, since PowerShell shows an interface's properties beside the object's own, in every list and every export.

    /// <summary>Tells the options and limits, by the names of Start-VmMigration's parameters and in their units.</summary>
    /// <returns>The options.</returns>
    OrderedDictionary GetOptions();

    /// <summary>Tells the policy.</summary>
    /// <returns>The policy; null for none.</returns>
    MigrationPolicy? GetPolicy();
}
