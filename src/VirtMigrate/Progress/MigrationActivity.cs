using VirtMigrate.Migration;

namespace VirtMigrate.Progress;

/// <summary>Says what a progress bar is about.</summary>
internal static class MigrationActivity
{
    /// <summary>The text for a migration.</summary>
    /// <param name="request">The migration.</param>
    /// <returns>The text.</returns>
    public static string Of(MigrationRequest request) =>
        $"Migrating '{request.Vm.Name}' from {request.Vm.VmHost.Name} to {request.Destination.Host?.Name ?? request.Destination.Address.Uri}";
}
