using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// The VM must not be active at the destination already. A definition of it there is what an earlier move left behind: libvirt puts the
/// arriving one in its place, where both have the same name.
/// </summary>
internal sealed class UuidAtDestinationCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "The VM is not already active at the destination, or defined there under another name.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var (vm, name) = (context.Vm.Vm, context.NameAtDestination);
        var same = (await context.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == vm.Uuid);
        var finding = same switch
        {
            null => Passed($"'{context.DestinationName}' does not have the VM."),
            _ when !string.Equals(same.Name, name, StringComparison.Ordinal) => Failed(
                $"'{context.DestinationName}' has the VM's UUID {same.Uuid} under the name '{new CommandWord(same.Name)}', and libvirt does not " +
                    $"replace it by '{name}'.",
                advice: $"If that one is no longer needed, undefine it: virsh -c {context.DestinationUri} undefine {same.Uuid}; or keep its " +
                    $"name: -NewName {new CommandWord(same.Name)}",
                libvirt: $"domain '{new CommandWord(same.Name)}' is already defined with uuid {same.Uuid}"),
            { Status.IsActive: true } => Failed(
                $"'{context.DestinationName}' already has the VM: '{same.Name}' is {same.Status} there.",
                advice: $"Find out which of the two is the right one: Test-VmMigrationResult {context.VmName} -VmHost {context.SourceUri} -Destination " +
                    $"{context.DestinationUri}. If both run, they write to the same disks.",
                libvirt: $"domain '{same.Name}' is already active"),
            _ => Warning(
                $"'{context.DestinationName}' already has a definition of the VM ({same.Status}); the migration replaces it.",
                advice: $"If it holds changes that you need, save it: virsh -c {context.DestinationUri} dumpxml {context.VmName} --inactive > " +
                    $"{context.VmName}.xml"),
        };
        return finding.Seen(context.DestinationName, $"VM {vm.Uuid}", same is null ? "not there" : $"'{same.Name}', {same.Status}");
    }
}
