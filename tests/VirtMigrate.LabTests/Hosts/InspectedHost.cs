using System.Management.Automation;
using VirtMigrate.LabSupport;

namespace VirtMigrate.LabTests.Hosts;

/// <summary>A host of the lab as the finished module's core asks it, over a connection of its own.</summary>
internal sealed class InspectedHost : IDisposable
{
    private readonly PowerShellSession _session;

    /// <summary>Opens a host.</summary>
    /// <param name="session">A session that has the module.</param>
    /// <param name="host">The host.</param>
    public InspectedHost(PowerShellSession session, LabHost host)
    {
        _session = session.Set("address", host.Tcp);
        _session.Run("""
            $null = Get-VmHost
            $none = [Threading.CancellationToken]::None
            $transport = [VirtMigrate.Libvirt.LibvirtTransport]::new()
            $asked = $transport.OpenAsync([VirtMigrate.HostAddress]::Parse($address), $null, $none).GetAwaiter().GetResult()
            """).AssertNoErrors();
    }

    /// <summary>Asks.</summary>
    /// <param name="call">A call of IHostInspection; <c>$none</c> never cancels.</param>
    /// <param name="then">What of the answer is wanted, such as <c>.Values</c>.</param>
    /// <returns>The answer, or its items.</returns>
    public IReadOnlyList<PSObject> Ask(string call, string then = "") =>
        _session.Run($"$asked.{call}.GetAwaiter().GetResult(){then}").AssertNoErrors().Output;

    /// <inheritdoc/>
    public void Dispose() => _session.Run("$asked.DisposeAsync().AsTask().GetAwaiter().GetResult()").AssertNoErrors();
}
