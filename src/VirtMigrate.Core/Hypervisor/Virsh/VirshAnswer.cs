namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>What came of one of many commands.</summary>
/// <param name="Output">What it printed.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
internal sealed record VirshAnswer(string Output, HypervisorException? Error)
{
    /// <summary>Takes the output.</summary>
    /// <returns>What the command printed.</returns>
    /// <exception cref="HypervisorException">The command failed.</exception>
    public string Take() => Error is null ? Output : throw Error;
}
