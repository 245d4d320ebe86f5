namespace VirtMigrate.Hypervisor;

/// <summary>
/// How long a host may take, by what is asked of it. Nothing goes to a host without one of these, except a migration that has begun,
/// which takes as long as it takes, and a command that listens.
/// </summary>
/// <remarks>
/// | what | how long | why |
/// | --- | --- | --- |
/// | open a host | 30 s | name look-up, ssh, TLS and logging in; virsh gives a silent host as much |
/// | open one more connection to an open host | 10 s | the host answered before, and keys and names are known to be good |
/// | a look at one VM or at the host | 10 s | milliseconds, unless the host hangs |
/// | all QEMUs at once | 10 s | one that does not answer holds up the answer for all, which is then read without them |
/// | what lists everything, or begins with a start of emulators | 60 s | a call for each of thousands of VMs or volumes; capabilities that are not cached yet |
/// | a change | 35 s | libvirt waits 30 s for a VM's job lock (QEMU_JOB_WAIT_TIME), and its refusal is to be heard |
/// | a run of virsh | 60 s | connecting included; virsh notices a silent host after half a minute |
/// | a migration until libvirt is called | 70 s | two hosts to open, one look |
/// | events | 5 s | asked for where a caller waits; without them statistics alone are watched |
/// | close | 5 s | it says good-bye to the host |
/// </remarks>
internal static class HostDeadlines
{
    /// <summary>To open a host.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromSeconds(30);

    /// <summary>To open one more connection to a host that is open.</summary>
    public static readonly TimeSpan OpenAnother = TimeSpan.FromSeconds(10);

    /// <summary>To look at one VM or at the host.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>To ask all QEMUs of a host.</summary>
    public static readonly TimeSpan Monitors = TimeSpan.FromSeconds(10);

    /// <summary>To list everything of a kind, or to ask what may start emulators.</summary>
    public static readonly TimeSpan List = TimeSpan.FromSeconds(60);

    /// <summary>To change something.</summary>
    public static readonly TimeSpan Change = TimeSpan.FromSeconds(35);

    /// <summary>To run a command of virsh.</summary>
    public static readonly TimeSpan Command = TimeSpan.FromSeconds(60);

    /// <summary>To get a migration as far as the call that can't be taken back.</summary>
    public static readonly TimeSpan Prepare = TimeSpan.FromSeconds(70);

    /// <summary>To ask for events.</summary>
    public static readonly TimeSpan Events = TimeSpan.FromSeconds(5);

    /// <summary>To close a connection.</summary>
    public static readonly TimeSpan Close = TimeSpan.FromSeconds(5);

    /// <summary>How many calls to one host may be past their deadline before it is not asked again.</summary>
    public const int MostAbandoned = 8;
}
