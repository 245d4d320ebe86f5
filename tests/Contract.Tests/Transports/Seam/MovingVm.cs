using System.Collections.Concurrent;
using VirtMigrate.Contract;
using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>A VM, both hosts over a transport and over the one that is trusted, and what each tells of it.</summary>
internal sealed class MovingVm : IAsyncDisposable
{
    private IDisposable? _subscription;

    private MovingVm(Guid uuid, IHypervisor[] hosts, IHypervisor[] trusted) =>
        (Uuid, Source, Destination, TrustedSource, TrustedDestination, Contract) =
        (uuid, hosts[0], hosts[1], trusted[0], trusted[1], new(uuid, hosts[0], hosts[1], TimeProvider.System));

    /// <summary>The VM.</summary>
    public Guid Uuid { get; }

    /// <summary>The host that it leaves.</summary>
    public IHypervisor Source { get; }

    /// <summary>The host that it moves to.</summary>
    public IHypervisor Destination { get; }

    /// <summary>The same as <see cref="Source"/>.</summary>
    public IHypervisor TrustedSource { get; }

    /// <summary>The same as <see cref="Destination"/>.</summary>
    public IHypervisor TrustedDestination { get; }

    /// <summary>What has to come of its migrations.</summary>
    public MigrationContract Contract { get; }

    /// <summary>What the source has told of the VM.</summary>
    public ConcurrentQueue<DomainEvent> Events => Contract.Events;

    /// <summary>The same as <see cref="Events"/>.</summary>
    public ConcurrentQueue<DomainEvent> TrustedEvents { get; } = new();

    /// <summary>Opens both hosts twice and begins to listen.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="lab">The hosts.</param>
    /// <param name="name">The VM's name.</param>
    /// <returns>The VM.</returns>
    public static async Task<MovingVm> OpenAsync(TransportCase transport, Lab lab, string name)
    {
        var hosts = await Task.WhenAll(transport.OpenAsync(lab.Host1), transport.OpenAsync(lab.Host2));
        var trusted = await Task.WhenAll(TransportCase.Reference.OpenAsync(lab.Host1), TransportCase.Reference.OpenAsync(lab.Host2));
        var vm = new MovingVm(Guid.Parse(await Lab.VirshAsync(lab.Host1, "domuuid", name)), hosts, trusted);
        vm.Listen();
        return vm;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Contract.Dispose();
        _subscription?.Dispose();
        foreach (var host in new[] { Source, Destination, TrustedSource, TrustedDestination })
        {
            await host.DisposeAsync();
        }
    }

    private void Listen()
    {
        Contract.Listen();
        _subscription = TrustedSource.Subscribe(Uuid, TrustedEvents.Enqueue);
    }
}
