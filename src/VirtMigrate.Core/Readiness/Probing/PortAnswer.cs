namespace VirtMigrate.Readiness.Probing;

/// <summary>What became of an attempt to connect to a TCP port.</summary>
internal enum PortAnswer
{
    /// <summary>Somebody listens.</summary>
    Open,

    /// <summary>The host answered that nobody listens: it is reachable, and no firewall stands between.</summary>
    Refused,

    /// <summary>Somebody on the way said no (an ICMP message): a firewall that rejects.</summary>
    Rejected,

    /// <summary>There is no way to the host (no route, host unreachable).</summary>
    Unreachable,

    /// <summary>No answer at all: a firewall that drops, or a host that is off.</summary>
    TimedOut,

    /// <summary>The host's name leads to no address.</summary>
    NameUnknown,
}
