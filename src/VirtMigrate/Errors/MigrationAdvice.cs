using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Errors;

/// <summary>
/// Knows what helps against the usual reasons for which libvirt gives up a migration. Libvirt has no codes for them; its text
/// alone tells them apart.
/// </summary>
internal static class MigrationAdvice
{
    private static readonly (string Text, string Advice)[] Known =
    [
        ("Unable to resolve address", "MigrationFailed_Address"),
        ("resolved to localhost", "MigrationFailed_Address"),
        ("unable to connect to server at", "MigrationFailed_Ports"),
        ("Unsafe migration", "MigrationFailed_Storage"),
        ("Cannot access storage file", "MigrationFailed_Storage"),
        ("doesn't match specification", "MigrationFailed_Cpu"),
        ("CPU is incompatible", "MigrationFailed_Cpu"),
        ("Unable to read from monitor", "MigrationFailed_Qemu"),
        ("closed the monitor", "MigrationFailed_Qemu"),
        ("load of migration failed", "MigrationFailed_Qemu"),
        ("Network not found", "MigrationFailed_Network"),
        ("Cannot get interface MTU", "MigrationFailed_Network"),
        ("Cannot allocate memory", "MigrationFailed_Memory"),
    ];

    /// <summary>Finds the advice for a migration that failed or did not go on.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>The name of the advice's text; null where only the general one fits.</returns>
    public static string? Find(Exception exception) => exception switch
    {
        ResumeTimedOutException { Verification: { Outcome: MigrationOutcome.Unknown, IsInProgress: true } } => "ResumeTimedOut_Unnoticed",
        MigrationFailedException { InnerException: { } cause } when ErrorKinds.Of(exception).Id.Equals("MigrationFailed", StringComparison.Ordinal) =>
            Known.FirstOrDefault(k => cause.Message.Contains(k.Text, StringComparison.OrdinalIgnoreCase)).Advice,
        _ => null,
    };
}
