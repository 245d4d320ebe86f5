namespace VirtMigrate.Model;

/// <summary>
/// An object that speaks of one VM, so that any of the module's outputs can name the VM of the next command.
/// </summary>
public interface IVmReference
{
    /// <summary>The VM's name.</summary>
    string VmName { get; }

    /// <summary>The VM's UUID, which stays the same wherever it runs.</summary>
    Guid Uuid { get; }

    /// <summary>The host to look for the VM on: the one that it was seen on, or that it moves away from.</summary>
    VmHost LookupHost { get; }
}
