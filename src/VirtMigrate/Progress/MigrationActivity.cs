using VirtMigrate.Migration;
using VirtMigrate.Planning;

namespace VirtMigrate.Progress;

/// <summary>Says what a progress bar is about.</summary>
internal static class MigrationActivity
{
    /// <summary>The text for a migration.</summary>
    /// <param name="request">The migration.</param>
    /// <returns>The text.</returns>
    public static string Of(MigrationRequest request) =>
        Describe(request.Vm.Name, request.Vm.VmHost.Name, request.Destination.Host?.Name ?? request.Destination.Address.Uri);

    /// <summary>The text for a migration that was found.</summary>
    /// <param name="job">The migration.</param>
    /// <returns>The text.</returns>
    public static string Of(VmMigrationJobInfo job) => Describe(job.Vm, job.Source?.Name, job.Destination?.Name);

    /// <summary>The text for a migration that is resumed.</summary>
    /// <param name="request">The migration.</param>
    /// <returns>The text.</returns>
    public static string Of(PostCopyResumeRequest request) =>
        Describe(request.Vm, request.Source.Host?.Name, request.Destination.Host?.Name ?? request.Destination.Address.Uri);

    private static string Describe(string vm, string? source, string? destination) => string.Concat($"Migrating '{vm}'",
        source is null ? string.Empty : $" from {source}", destination is null ? string.Empty : $" to {destination}");
}
