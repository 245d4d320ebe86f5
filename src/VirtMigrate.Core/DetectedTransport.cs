using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Virsh;

namespace VirtMigrate;

/// <summary>
/// The way that the environment names (VIRTMIGRATE_TRANSPORT), else the best one that this machine has: libvirt's C API, else its virsh,
/// else ssh to the virsh of the host.
/// </summary>
internal sealed class DetectedTransport : ITransport
{
    private const string Variable = "VIRTMIGRATE_TRANSPORT";

    /// <summary>Gives the transport of a kind.</summary>
    /// <param name="kind">The kind; null for the best that this machine has.</param>
    /// <returns>The transport.</returns>
    public static ITransport Of(HostTransport? kind) => kind switch
    {
        null => new DetectedTransport(),
        HostTransport.Libvirt => new LibvirtTransport(),
        HostTransport.Virsh => new VirshTransport(),
        HostTransport.Ssh => new SshTransport(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such transport."),
    };

    /// <inheritdoc/>
    /// <exception cref="HypervisorException">This machine has none of them, or none that leads to this host.</exception>
    public Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken) =>
        (FromEnvironment(address) ?? Detect(address)).OpenAsync(address, credential, cancellationToken);

    private static ITransport? FromEnvironment(HostAddress address) => Environment.GetEnvironmentVariable(Variable)?.Trim() switch
    {
        null or "" => null,
        var name when Array.Find(Enum.GetNames<HostTransport>(), n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } known
            => Of(Enum.Parse<HostTransport>(known)),
        var name => throw new HypervisorNotSupportedException(
            $"{Variable} is '{name}', but must be one of {string.Join(", ", Enum.GetNames<HostTransport>())}.", address),
    };

    private static ITransport Detect(HostAddress address)
    {
        try
        {
            LibvirtLibrary.EnsureStarted();
            return new LibvirtTransport();
        }
        catch (HypervisorException e) when (e.Failure == HostFailures.LibraryMissing)
        {
            return ToolCommand.IsOnPath("virsh") ? new VirshTransport()
                : address.HostName.Length > 0 && ToolCommand.IsOnPath("ssh") ? new SshTransport()
                : throw HypervisorException.LibraryMissing(NativeMethods.Library, e.InnerException, "and there is neither a virsh nor an ssh that leads to this host");
        }
    }
}
