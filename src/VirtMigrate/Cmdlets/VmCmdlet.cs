using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>A cmdlet that takes VMs, wherever they are.</summary>
public abstract class VmCmdlet : SessionCmdlet
{
    /// <summary>The VMs: names with wildcards, UUIDs, Vm objects, or any other object of this module that names a VM.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[] Vm { get; set; } = [];

    /// <summary>
    /// The host that the VMs are on, or leave, or left, for VMs given by name. An object's own host takes precedence. When left out, the
    /// default source: LIBVIRT_DEFAULT_URI, else <c>qemu:///system</c>.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? VmHost { get; set; }
}
