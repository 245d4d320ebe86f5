using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>Libvirt's C API in this process, for every URI that libvirt knows.</summary>
public sealed class LibvirtTransport : ITransport
{
    // Five probes, five seconds apart: a dead host is noticed within half a minute, as with virsh.
    private const int KeepAliveSeconds = 5;
    private const uint KeepAliveProbes = 5;

    /// <inheritdoc/>
    public string Name => "Libvirt";

    /// <inheritdoc/>
    public async Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);

        // Name look-ups, ssh and TCP's own patience can't be interrupted from outside; the attempt gets a thread of its own.
        var opening = Task.Factory.StartNew(() => Open(address, credential), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = CloseLateAsync(opening);
            throw;
        }
    }

    private LibvirtHypervisor Open(HostAddress address, HostCredential? credential)
    {
        LibvirtLibrary.EnsureStarted();
        var connection = LibvirtAuthentication.Open(address.ConnectUri, credential);
        try
        {
            if (connection.IsInvalid)
            {
                throw LibvirtErrors.LastOpenException(address);
            }

            // Drivers in this process, such as test:///, have no connection to keep alive and say so.
            _ = NativeMethods.ConnectSetKeepAlive(connection, KeepAliveSeconds, KeepAliveProbes);
            return new LibvirtHypervisor(address, connection, LibvirtHostReader.Read(connection, address, Name));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static async Task CloseLateAsync(Task<LibvirtHypervisor> opening)
    {
        try
        {
            var late = await opening.ConfigureAwait(false);
            await late.DisposeAsync().ConfigureAwait(false);
        }
        catch (HypervisorException)
        {
            // Nobody waits for this attempt any more.
        }
    }
}
