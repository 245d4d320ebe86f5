namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Something of the host's file system at the other end of a guest's serial line, channel or random number generator.</summary>
/// <param name="Device">What to call the guest's end to people, such as <c>serial port 0</c>.</param>
/// <param name="Path">The path.</param>
/// <param name="IsMade">Whether the hypervisor makes it, so that its directory is enough.</param>
public sealed record HostEndpoint(string Device, string Path, bool IsMade)
{
    /// <summary>What must be there: the path itself, or its directory.</summary>
    public string Needed => IsMade ? System.IO.Path.GetDirectoryName(Path) ?? Path : Path;

    /// <summary>What to call it to people.</summary>
    /// <returns>The device and the path.</returns>
    public override string ToString() => $"{Device} ({Path})";
}
