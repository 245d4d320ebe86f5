namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Something of a domain that is bound to some of the host's processors or NUMA cells.</summary>
/// <param name="Name">What is bound, for people.</param>
/// <param name="Text">To what, as the definition writes it.</param>
/// <param name="Numbers">The numbers of the processors or cells.</param>
public sealed record DomainBinding(string Name, string Text, IReadOnlySet<int> Numbers);
