namespace VirtMigrate.Failures;

/// <summary>What the VM's network cards are plugged into and the destination lacks.</summary>
internal static class NetworkFailures
{
    /// <summary>The kinds.</summary>
    public static readonly MigrationFailureKind[] Table =
    [
        new("NetworkMissing", false, MigrationEnd.Destination, ["no network with matching name"]),
        new("NetworkInactive", false, MigrationEnd.Destination, ["network '…' is not active"]),
        new("BridgeMissing", false, MigrationEnd.Destination,
            ["Cannot get interface MTU on '…No such device", "Unable to add bridge…No such device"]),
        new("NetworkMtuMismatch", false, MigrationEnd.Destination, ["Target network card MTU…does not match source"]),
        new("HostInterfaceMissing", false, MigrationEnd.Destination,
            ["Unable to get index for interface", "cannot get interface flags on macvtap tap"]),
    ];
}
