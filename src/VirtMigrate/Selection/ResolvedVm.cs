using VirtMigrate.Hosts;

namespace VirtMigrate.Selection;

/// <summary>A VM that was found, and the connection to the host that has it.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Host">The connection.</param>
internal sealed record ResolvedVm(Vm Vm, HostConnection Host);
