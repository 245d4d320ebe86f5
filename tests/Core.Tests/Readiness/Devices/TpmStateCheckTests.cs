using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class TpmStateCheckTests
{
    private const string Emulated = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>";
    private readonly ReadinessScene _scene = new();

    private string Directory => $"/var/lib/libvirt/swtpm/{_scene.Vm.Uuid}";

    [Fact]
    public async Task What_libvirt_would_delete_with_the_definition_keeps_the_vm_where_it_is()
    {
        LookLike(VmState.ShutOff, Emulated);

        var check = await _scene.With(MigrationOptions.UndefineSource, true)
            .AssertAsync<TpmStateCheck>(ReadinessStatus.Failed, "With -UndefineSource libvirt deletes the state of the TPM (tpm-crb) on 'kvm1'");

        Assert.Contains($"copy {Directory} to 'kvm2'", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains("virsh -c qemu+tcp://kvm1/system undefine db --keep-tpm --keep-nvram", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stays_on_the_source_is_worth_a_warning()
    {
        LookLike(VmState.ShutOff, Emulated);

        var check = await _scene.AssertAsync<TpmStateCheck>(ReadinessStatus.Warning, "does not move with a VM that is shut off");

        Assert.Contains($"copy {Directory} to 'kvm2'", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "6969 nfs", ReadinessStatus.Warning, "does not move")]
    [InlineData(0, "ef53 ext2/ext3", ReadinessStatus.Failed, "libvirt deletes")]
    [InlineData(0, "", ReadinessStatus.Failed, "libvirt deletes")]
    [InlineData(1, "", ReadinessStatus.Passed, "has no state yet")]
    public async Task Libvirt_deletes_only_what_is_there_and_not_shared(int there, string fileSystem, ReadinessStatus status, string message)
    {
        LookLike(VmState.ShutOff, Emulated);
        var shell = _scene.AddSourceShell().Answering($"test -e {Directory}", exitCode: there).Answering("test -x /var/lib/libvirt/swtpm");
        _ = fileSystem.Length > 0 ? shell.Answering("stat -f", fileSystem) : shell;

        await _scene.With(MigrationOptions.UndefineSource, true).AssertAsync<TpmStateCheck>(status, message);
    }

    [Theory]
    [InlineData(VmState.Running, Emulated, "moves with a VM that runs")]
    [InlineData(VmState.ShutOff, "", "no emulated TPM")]
    [InlineData(VmState.ShutOff, "<tpm model='tpm-crb'><backend type='passthrough'><device path='/dev/tpm0'/></backend></tpm>", "no emulated TPM")]
    public async Task Others_lose_nothing(VmState state, string devices, string message)
    {
        LookLike(state, devices);

        await _scene.With(MigrationOptions.UndefineSource, true).AssertAsync<TpmStateCheck>(ReadinessStatus.NotApplicable, message);
    }

    private void LookLike(VmState state, string devices)
    {
        _scene.Vm = _scene.TestVm("db", state);
        _scene.Definition = devices;
    }
}
