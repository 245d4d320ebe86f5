namespace VirtMigrate.Model;

/// <summary>
/// An object that speaks of one VM, so that any of the module's outputs can name the VM of the next command.
/// </summary>
public interface IVmReference
{
    /// <summary>The VM's UUID, which stays the same wherever it runs.</summary>
    Guid Uuid { get; }

    // Methods, since PowerShell shows an interface's properties beside the object's own, in every list and every export.

    /// <summary>Tells the VM's name.</summary>
    /// <returns>The name.</returns>
    string GetVmName();

    /// <summary>Tells the host to look for the VM on: the one that it was seen on, or that it moves away from.</summary>
    /// <returns>The host.</returns>
    VmHost GetLookupHost();
}
