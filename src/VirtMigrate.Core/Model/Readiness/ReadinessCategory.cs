namespace VirtMigrate.Model;

/// <summary>What a check is about.</summary>
public enum ReadinessCategory
{
    /// <summary>The hypervisors of both hosts.</summary>
    Hypervisor,

    /// <summary>Names, routes, and the networks that the guest is attached to.</summary>
    Network,

    /// <summary>The ports that the migration uses.</summary>
    Ports,

    /// <summary>The daemons and how they are reached.</summary>
    Protocol,

    /// <summary>Architecture, machine type, emulator and firmware.</summary>
    Machine,

    /// <summary>The guest's processor.</summary>
    Cpu,

    /// <summary>Disks, images, pools, snapshots and block jobs.</summary>
    Storage,

    /// <summary>How fast memory can move, and how fast the guest changes it.</summary>
    Bandwidth,

    /// <summary>Devices that can't move, or not as they are.</summary>
    Devices,

    /// <summary>Which hosts and which VM these are, and in which state.</summary>
    Identity,

    /// <summary>Memory and processors at the destination.</summary>
    Capacity,

    /// <summary>The options of the migration.</summary>
    Options,
}
