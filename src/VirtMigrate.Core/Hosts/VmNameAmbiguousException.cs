namespace VirtMigrate.Hosts;

/// <summary>A name is nobody's letter by letter, and that of several VMs in another case.</summary>
/// <param name="vm">The name that was given.</param>
/// <param name="names">The names that the VMs have.</param>
public sealed class VmNameAmbiguousException(string vm, IReadOnlyList<string> names)
    : HypervisorException($"'{vm}' may be any of {string.Join(", ", names.Select(n => $"'{n}'"))}.")
{
    /// <summary>The name that was given.</summary>
    public string Vm { get; } = vm;

    /// <summary>The names that the VMs have.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}
