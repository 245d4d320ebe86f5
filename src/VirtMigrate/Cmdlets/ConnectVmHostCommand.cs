using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Hosts;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Opens connections to libvirt hosts and keeps them for the session.
/// <para>Follows <c>virsh connect</c> (virConnectOpenAuth).</para>
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "VmHost")]
[OutputType(typeof(VmHost))]
public sealed class ConnectVmHostCommand : SessionCmdlet
{
    /// <summary>The hosts: libvirt URIs, bare hosts, <c>user@host</c>, or VmHost objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Uri", "ComputerName")]
    [ValidateNotNullOrEmpty]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string[] VmHost { get; set; } = [];

    /// <summary>User name and password for a host that asks for them (SASL). Ssh keys and certificates need none.</summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>
    /// How the hosts are reached: libvirt's C API in this process, virsh on this machine, or virsh on the host itself by ssh. The first of these
    /// that this machine has when left out.
    /// </summary>
    [Parameter]
    public HostTransport? Transport { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var credential = Credential is null ? null : new HostCredential(Credential.UserName, Credential.GetNetworkCredential().Password);
        Run((queue, cancellationToken) => PipelineQueue.InOrderAsync(
            VmHost.Select(host => ConnectAsync(host, credential, queue, cancellationToken)).ToList(), write => write()));
    }

    private async Task<Action> ConnectAsync(
        string host, HostCredential? credential, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            var address = Connections.FindByName(host)?.Address ?? HostAddresses.Parse(host);
            if (Connections.FindReplaced(address, credential, Transport) is { } replaced && FindMigration(replaced) is { } vm)
            {
                return () => queue.WriteError(ErrorRecordFactory.HostInUse(replaced.Host!, vm));
            }

            queue.WriteVerbose($"Connecting to {address.ConnectUri}.");
            var connection = await Connections.OpenAsync(address, credential, Transport, cancellationToken).ConfigureAwait(false);
            return () => queue.WriteObject(connection.Host!);
        }
        catch (HypervisorException e)
        {
            return () => queue.WriteError(ErrorRecordFactory.Create(e, host));
        }
    }
}
