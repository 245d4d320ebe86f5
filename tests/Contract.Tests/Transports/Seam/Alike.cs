using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>Asserts that a host says over one transport what it says over another at the same moment.</summary>
internal static class Alike
{
    private const int Tries = 5;

    /// <summary>Asks both. Where what the reference says changes meanwhile, both are asked again.</summary>
    /// <param name="reference">The host over the transport that is trusted.</param>
    /// <param name="subject">The host over the other.</param>
    /// <param name="ask">The question.</param>
    /// <returns>What both say.</returns>
    public static async Task<IReadOnlyList<string>> AssertAsync(IHypervisor reference, IHypervisor subject, Func<IHypervisor, Task<object?>> ask)
    {
        for (var i = 0; i < Tries; i++)
        {
            var before = await AnswerAsync(reference, ask);
            var answer = await AnswerAsync(subject, ask);
            if (before.SequenceEqual(await AnswerAsync(reference, ask)))
            {
                Assert.Equal(before, answer);
                return answer;
            }
        }

        Assert.Fail($"What the reference says changed {Tries} times; the last that the other said: {string.Join('\n', await AnswerAsync(subject, ask))}");
        return [];
    }

    /// <summary>Asks one.</summary>
    /// <param name="host">The host.</param>
    /// <param name="ask">The question.</param>
    /// <returns>The answer, or the refusal with its kind and libvirt's words, where virsh does not put its own in their place.</returns>
    public static async Task<IReadOnlyList<string>> AnswerAsync(IHypervisor host, Func<IHypervisor, Task<object?>> ask)
    {
        try
        {
            return Description.Of(await ask(host));
        }
        catch (HypervisorException e)
        {
            return [$"{e.GetType().Name}, {e.Failure.Id}: {(IsInVirshsWords(e) ? "…" : e.Error?.Message ?? e.Message)}"];
        }
    }

    // Virsh looks the VM up, and reads a processor's definition, before it asks libvirt.
    private static bool IsInVirshsWords(HypervisorException e) =>
        e is VmNotFoundException || e.Message.Contains("<cpu", StringComparison.Ordinal) || e.Message.Contains("CPU_definition", StringComparison.Ordinal);
}
