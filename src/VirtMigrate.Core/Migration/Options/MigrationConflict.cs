namespace VirtMigrate.Migration.Options;

/// <summary>An option that can't be given with another before some QEMU.</summary>
/// <param name="Option">The other option's name.</param>
/// <param name="SolvedInQemu">The QEMU version from which both work together; both hosts need it.</param>
public sealed record MigrationConflict(string Option, Version SolvedInQemu);
