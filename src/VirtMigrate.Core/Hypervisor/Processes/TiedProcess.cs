namespace VirtMigrate.Hypervisor.Processes;

/// <summary>Ties a program to the input of the shell that starts it.</summary>
/// <remarks>
/// A program that only listens does not notice that nobody hears it any more: at the other end of an ssh, and after this process was
/// killed, it would stay for ever. The input ends in both cases.
/// </remarks>
internal static class TiedProcess
{
    // A shell gives what it runs in the background no input, hence the copy.
    private const string Script =
        "exec 3<&0; \"$@\" </dev/null 3<&- & p=$!; { cat; kill $p; } <&3 >/dev/null 2>&1 & exec 3<&-; wait $p";

    /// <summary>Makes the words that run a program for as long as their input is open.</summary>
    /// <param name="words">The program and its arguments.</param>
    /// <returns>A program and its arguments.</returns>
    public static IReadOnlyList<string> Words(IEnumerable<string> words) => ["sh", "-c", Script, "sh", .. words];
}
