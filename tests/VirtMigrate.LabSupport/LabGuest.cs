namespace VirtMigrate.LabSupport;

/// <summary>A real guest that counts, verifies its memory and says so on its console.</summary>
/// <param name="lab">The lab.</param>
/// <param name="name">The guest's name.</param>
public sealed class LabGuest(Lab lab, string name) : IAsyncDisposable
{
    /// <summary>The guest's name.</summary>
    public string Name => name;

    /// <summary>Makes sure that the guest ticks, on exactly one host, and lost and corrupted nothing since it booted.</summary>
    /// <param name="host">The host that it must be on.</param>
    /// <returns>A task that ends when the guest was looked at.</returns>
    public async Task AssertWholeOnAsync(LabHost host)
    {
        var (isWhole, text) = await lab.CheckAsync(name);
        if (!isWhole || !text.Contains($" on {host.Name}:", StringComparison.Ordinal))
        {
            throw new LabException($"lab check {name}: {text}");
        }
    }

    /// <summary>Waits until the guest is on its way out of a host, by virsh's account.</summary>
    /// <param name="host">The host.</param>
    /// <returns>A task that ends when memory moves.</returns>
    public async Task WaitUntilMovingAsync(LabHost host)
    {
        for (var i = 0; i < 300; i++)
        {
            var job = await Lab.VirshAsync(host, "domjobinfo", name, "--rawstats");
            if (job.Contains("memory_processed:", StringComparison.Ordinal) && !job.Contains("memory_processed: 0", StringComparison.Ordinal))
            {
                return;
            }

            await Task.Delay(100);
        }

        throw new LabException($"'{name}' did not begin to leave {host.Name}.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await lab.RunAsync("destroy", name);
}
