namespace VirtMigrate.Hypervisor.Virsh.Running;

/// <summary>One run of virsh.</summary>
/// <param name="Script">What it does, in virsh's syntax.</param>
internal sealed record VirshJob(string Script)
{
    /// <summary>What it reads from <c>/dev/stdin</c>; null for nothing.</summary>
    public string? Input { get; init; }

    /// <summary>The contents of files that it finds in its working directory, called as <see cref="FileName"/> has it.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Whether it may take hours, so that nothing else is to be in its way nor it in anybody's.</summary>
    public bool IsLong { get; init; }

    /// <summary>What to answer the hosts that ask who is there.</summary>
    public IReadOnlyList<(HostAddress Host, HostCredential Credential)> Credentials { get; init; } = [];

    /// <summary>The name of a file.</summary>
    /// <param name="index">Its place in <see cref="Files"/>.</param>
    /// <returns>The name, which is one word for every shell.</returns>
    public static string FileName(int index) => FormattableString.Invariant($"./{index + 1}.xml");
}
