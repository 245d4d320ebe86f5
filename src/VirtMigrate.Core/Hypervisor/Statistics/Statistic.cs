namespace VirtMigrate.Hypervisor.Statistics;

/// <summary>One named value of what a host tells of a VM or a job, whichever transport brought it (virTypedParameter).</summary>
/// <param name="Name">Libvirt's name, such as <c>state.reason</c>.</param>
/// <param name="Number">The value as an integer; null where it is none.</param>
/// <param name="Text">The value as a text; null where the transport knows that it is a number.</param>
internal readonly record struct Statistic(string Name, long? Number, string? Text);
