namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>Libvirt's C API in this process, for every URI that libvirt knows.</summary>
public sealed class LibvirtTransport : ITransport
{
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

    private static LibvirtHypervisor Open(HostAddress address, HostCredential? credential)
    {
        var connection = LibvirtConnector.Open(address, credential);
        try
        {
            return new LibvirtHypervisor(address, credential, connection, LibvirtHostReader.Read(connection, address, nameof(HostTransport.Libvirt)));
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
