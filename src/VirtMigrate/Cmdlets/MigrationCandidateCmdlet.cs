using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Planning;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>A cmdlet that looks at migrations before anything moves: of each VM to each host that it could go to.</summary>
public abstract class MigrationCandidateCmdlet : MigrationOptionCmdlet
{
    private MigrationRequestBuilder _builder = null!;

    /// <summary>The hosts that the VMs could go to. When left out: VIRTMIGRATE_DESTINATION, else all other connected hosts.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string[] Destination { get; set; } = [];

    /// <summary>The migrations, each with what named its VM.</summary>
    private protected List<(VmSelector Selector, MigrationRequest Request)> Migrations { get; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _builder = new(Connections, Settle());
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var selector in Vm)
        {
            var requests = Get((queue, cancellationToken) =>
                queue.TryAsync(_builder.CombineAsync(selector, VmHost, Destination, cancellationToken), selector.Target));
            Migrations.AddRange((requests ?? []).Select(request => (selector, request)));
        }
    }

    /// <summary>Takes the options and policy that were given, whether they go together or not.</summary>
    /// <returns>What was given.</returns>
    private protected virtual MigrationSettings Settle() => ReadSettings();
}
