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
