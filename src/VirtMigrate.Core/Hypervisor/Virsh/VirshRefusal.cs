namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Tells apart why something was refused that another way of asking may get.</summary>
internal static class VirshRefusal
{
    /// <summary>Whether this virsh is too old for an option.</summary>
    /// <param name="exception">The refusal.</param>
    /// <returns>True when it is.</returns>
    public static bool IsUnknownOption(HypervisorException? exception) =>
        exception is not null && exception.Message.Contains("doesn't support option", StringComparison.Ordinal);

    /// <summary>Whether the host's driver does not know a flag.</summary>
    /// <param name="exception">The refusal.</param>
    /// <returns>True when it does not.</returns>
    public static bool IsUnknownFlag(HypervisorException? exception) =>
        exception is not null && (exception.Error?.Code == LibvirtErrorCode.InvalidArgument
            || exception.Message.Contains("unsupported flags (0x", StringComparison.Ordinal));

    /// <summary>Whether what was asked about has gone since it was listed.</summary>
    /// <param name="exception">The refusal.</param>
    /// <returns>True when it has.</returns>
    public static bool IsGone(HypervisorException? exception) => exception is VmNotFoundException || exception?.Error?.Code is
        LibvirtErrorCode.NoNetwork or LibvirtErrorCode.NoInterface or LibvirtErrorCode.NoNodeDevice or LibvirtErrorCode.NoStoragePool or
        LibvirtErrorCode.NoStorageVolume;

    /// <summary>Takes the answers about things that were listed before, leaving out those that have gone.</summary>
    /// <typeparam name="T">What was asked about.</typeparam>
    /// <param name="asked">What was asked about, one for each answer.</param>
    /// <param name="answers">The answers.</param>
    /// <returns>What is still there, with what was printed of it.</returns>
    /// <exception cref="HypervisorException">Anything else went wrong.</exception>
    public static IEnumerable<(T Asked, string Output)> TakeUnlessGone<T>(IReadOnlyList<T> asked, IReadOnlyList<VirshAnswer> answers) =>
        asked.Zip(answers).Where(a => !IsGone(a.Second.Error)).Select(a => (a.First, a.Second.Take()));
}
