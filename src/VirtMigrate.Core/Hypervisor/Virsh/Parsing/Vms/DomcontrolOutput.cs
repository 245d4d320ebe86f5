using System.Text.RegularExpressions;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>Reads the output of <c>domcontrol</c>.</summary>
internal static partial class DomcontrolOutput
{
    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>Whether a call that needs the VM's lock would be answered at once.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static bool ReadIsFree(string text) => VirshText.Line(text, "the state of a VM's interface") switch
    {
        "ok" => true,
        var line when Taken().IsMatch(line) => false,
        var line => throw new VirshOutputException("the state of a VM's interface", line),
    };

    [GeneratedRegex(@"^((background job|occupied) \(\d+\.\d{3}s\)|error(: [^\n]+)?)\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Taken();
}
