using VirtMigrate.Hypervisor.Libvirt.Calls;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>Libvirt's C API in this process, for every URI that libvirt knows.</summary>
public sealed class LibvirtTransport : ITransport
{
    /// <inheritdoc/>
    public async Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);

        // Name look-ups, ssh and TCP's own patience can't be interrupted from outside.
        var opening = NativeCall.Start(
            address, call => Open(address, credential, call), HostDeadlines.Open, TimeProvider.System).Task;
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = CloseLateAsync(opening);
            throw;
        }
    }

    private static LibvirtHypervisor Open(HostAddress address, HostCredential? credential, NativeCall call)
    {
        var connection = LibvirtConnector.Open(address, credential);
        try
        {
            var host = LibvirtHostReader.Read(connection, address, nameof(HostTransport.Libvirt));
            call.ThrowIfAbandoned();
            return new LibvirtHypervisor(address, credential, connection, host);
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
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // Nobody waits for this attempt any more.
        }
    }
}
