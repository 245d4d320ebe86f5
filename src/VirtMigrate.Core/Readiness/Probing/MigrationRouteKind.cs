namespace VirtMigrate.Readiness.Probing;

/// <summary>The kinds of ways that memory takes.</summary>
internal enum MigrationRouteKind
{
    /// <summary>None: only a definition moves.</summary>
    None,

    /// <summary>TCP, from QEMU to QEMU.</summary>
    Network,

    /// <summary>Through the connection between the two daemons.</summary>
    Tunnelled,

    /// <summary>A UNIX socket, whose other end is somebody else's business.</summary>
    Socket,

    /// <summary>RDMA.</summary>
    Rdma,

    /// <summary>One that libvirt does not know.</summary>
    Unknown,
}
