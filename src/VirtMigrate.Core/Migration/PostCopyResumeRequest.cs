using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Migration;

/// <summary>A broken post-copy migration that is to go on.</summary>
internal sealed record PostCopyResumeRequest
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that holds the half that the guest left.</summary>
    public required HostConnection Source { get; init; }

    /// <summary>The host that holds the half that the guest runs in.</summary>
    public required HostConnection Destination { get; init; }

    /// <summary>The options of the resumption, as <see cref="PostCopyResumeOptions"/> makes them.</summary>
    public required MigrationOptionSet Options { get; init; }

    /// <summary>How long nothing may move before it is given up.</summary>
    public required TimeSpan Timeout { get; init; }
}
