namespace VirtMigrate.Tests.Virsh;

/// <summary>An output of virsh's with the way to read it.</summary>
/// <param name="Name">Its name; of one that is in a file, the file's.</param>
/// <param name="Text">The output.</param>
/// <param name="Expected">How many things it tells.</param>
/// <param name="Read">Reads it into all the single things that it tells.</param>
internal sealed record OutputSample(string Name, string Text, int Expected, Func<string, IEnumerable<string>> Read);
