using VirtMigrate.LabSupport;
using VirtMigrate.Options;

namespace VirtMigrate.Traces;

/// <summary>What a scene has at hand.</summary>
/// <param name="Lab">The hosts.</param>
/// <param name="Guest">The guest.</param>
/// <param name="From">The host that it leaves.</param>
/// <param name="To">The host that it goes to.</param>
/// <param name="Stop">The user's stop.</param>
internal sealed record Stage(Lab Lab, LabGuest Guest, LabHost From, LabHost To, CancellationTokenSource Stop);

/// <summary>A migration that is recorded, and what happens to it.</summary>
/// <param name="Name">The trace's name.</param>
/// <param name="Transport">The transport and the way to the hosts, such as <c>Virsh/tcp</c>.</param>
/// <param name="Options">The options.</param>
internal sealed record Scene(string Name, string Transport, MigrationOptionSet Options)
{
    /// <summary>A guest that writes next to nothing.</summary>
    public static readonly string[] Idle = ["--memory", "192"];

    /// <summary>A guest that goes on writing.</summary>
    public static readonly string[] Busy = ["--memory", "192", "--dirty", "8", "--working-set", "48"];

    /// <summary>A guest with a disk that is not shared.</summary>
    public static readonly string[] Disk = ["--memory", "192", "--disk", "local", "--disk-format", "qcow2"];

    /// <summary>A VM that is shut off.</summary>
    public static readonly string[] Off = ["--memory", "192", "--off"];

    /// <summary>The guest, in the words of <c>lab guest</c>.</summary>
    public IReadOnlyList<string> Guest { get; init; } = Idle;

    /// <summary>The limits.</summary>
    public MigrationLimits Limits { get; init; } = MigrationLimits.None;

    /// <summary>The policy.</summary>
    public MigrationPolicy? Policy { get; init; }

    /// <summary>Prepares the hosts; what it returns takes that back.</summary>
    public Func<Stage, Task<IAsyncDisposable>>? Before { get; init; }

    /// <summary>What happens while the VM moves.</summary>
    public Func<Stage, Task>? During { get; init; }
}
