using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>A VM that boots nothing: libvirt's domain and a real QEMU, which is all that most failures need, within half a second.</summary>
internal sealed class EmptyVm : IAsyncDisposable
{
    private readonly Lab _lab;

    private EmptyVm(Lab lab) => _lab = lab;

    /// <summary>Its name.</summary>
    public static string Name => "empty";

    /// <summary>Defines it on the first host.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="setting">What it is like.</param>
    /// <returns>The VM, shut off.</returns>
    public static async Task<EmptyVm> DefineAsync(Lab lab, EmptyVmSetting setting)
    {
        var vm = new EmptyVm(lab);
        await vm.RemoveAsync();
        var file = Path.Combine(lab.Shared, "empty.xml");
        await File.WriteAllTextAsync(file, setting.ToXml(Name, lab.Emulator));
        await Change.MakeAsync(
            async () => Assert.Contains("defined", await Lab.VirshAsync(lab.Host1, "define", file), StringComparison.Ordinal), vm.RemoveAsync);
        File.Delete(file);
        return vm;
    }

    /// <summary>Defines and starts it on the first host.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="setting">What it is like.</param>
    /// <returns>The VM, running.</returns>
    public static async Task<EmptyVm> StartAsync(Lab lab, EmptyVmSetting setting)
    {
        var vm = await DefineAsync(lab, setting);
        await Change.MakeAsync(
            async () => Assert.Contains("started", await Lab.VirshAsync(lab.Host1, "start", Name), StringComparison.Ordinal), vm.RemoveAsync);
        return vm;
    }

    /// <summary>Takes the VM away, and all images that are called like it.</summary>
    /// <returns>A task that ends when nothing is left.</returns>
    public async ValueTask DisposeAsync()
    {
        await RemoveAsync();
        foreach (var host in new[] { _lab.Host1, _lab.Host2 })
        {
            await _lab.RunAsync("exec", host.Name, "sh", "-c", $"rm -f {FailureTest.Images}/{Name}.* '{_lab.Shared}/images/{Name}'.*");

            // It remembers what it has seen.
            await Lab.VirshAsync(host, "pool-refresh", "default");
        }
    }

    private async Task RemoveAsync()
    {
        foreach (var host in new[] { _lab.Host1, _lab.Host2 })
        {
            await Lab.VirshAsync(host, "destroy", Name);
            await Lab.VirshAsync(host, "undefine", Name, "--nvram", "--snapshots-metadata", "--checkpoints-metadata");
        }
    }
}
