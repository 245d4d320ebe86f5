using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The name that the VM is to have must not be another VM's at the destination.</summary>
internal sealed class NameAtDestinationCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "No other VM at the destination has the name that this VM will have there.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var (vm, name) = (context.Vm.Vm, context.NameAtDestination);
        var namesake = (await context.Destination.ListVmsAsync().ConfigureAwait(false))
            .FirstOrDefault(v => v.Uuid != vm.Uuid && string.Equals(v.Name, name, StringComparison.Ordinal));
        var before = context.Ahead.FirstOrDefault(v => v.Vm.Uuid != vm.Uuid && string.Equals(v.Vm.Name, name, StringComparison.Ordinal));
        var finding = (namesake, before) switch
        {
            ({ } other, _) => Failed(
                $"'{context.DestinationName}' has another VM called '{name}', with the UUID {other.Uuid}.",
                advice: $"Give this one another name there with -NewName, or rename the other: virsh -c {context.DestinationUri} domrename …",
                libvirt: $"domain '{name}' already exists with uuid {other.Uuid}"),
            (null, { } first) => Failed(
                $"Another VM of the batch called '{name}', with the UUID {first.Vm.Uuid}, goes from '{first.Vm.VmHost.Name}' to " +
                    $"'{context.DestinationName}' before this one.",
                advice: $"Give one of them another name there with -NewName.",
                libvirt: $"domain '{name}' already exists with uuid {first.Vm.Uuid}"),
            _ => Passed($"No other VM at the destination is called '{name}'."),
        };
        return finding.Seen(context.DestinationName, $"VM '{name}'", namesake is null ? "none but this one" : $"{namesake.Uuid}, {namesake.Status}");
    }
}

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
