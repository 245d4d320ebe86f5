using System.Xml;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Readiness.Facts;

/// <summary>The definition that a VM is started by at the destination.</summary>
public static class DestinationDefinition
{
    /// <summary>Finds it.</summary>
    /// <param name="move">The migration.</param>
    /// <returns>The one that was given for the destination (-DestinationXml), else the VM's own.</returns>
    public static async Task<DomainDefinition> OfAsync(ReadinessMove move)
    {
        ArgumentNullException.ThrowIfNull(move);
        return Given(move) ?? await move.Vm.GetDefinitionAsync().ConfigureAwait(false);
    }

    /// <summary>What is evidence of it: <c>domain XML</c>, or the option that gave another.</summary>
    /// <param name="move">The migration.</param>
    /// <returns>A text.</returns>
    public static string Origin(ReadinessMove move) => Given(move) is null ? "domain XML" : "-DestinationXml";

    private static DomainDefinition? Given(ReadinessMove move)
    {
        if (move.Options.Enabled.FirstOrDefault(o => o.Key == MigrationOptions.DestinationXml).Value is not MigrationXml xml)
        {
            return null;
        }

        try
        {
            return new(xml.Text);
        }
        catch (XmlException)
        {
            // Libvirt will say so; what the guest has now is the best that can be looked at.
            return null;
        }
    }
}
