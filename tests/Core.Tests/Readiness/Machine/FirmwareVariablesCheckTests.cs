using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Machine;

public sealed class FirmwareVariablesCheckTests
{
    private const string Named = "<loader type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader><nvram>/srv/nvram/db.fd</nvram>";
    private const string Usual = "/var/lib/libvirt/qemu/nvram/db_VARS.fd";
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(false, "would start with empty UEFI variables, or with old ones left on that host")]
    [InlineData(true, "-UndefineSource leaves no definition that names it")]
    public async Task The_variables_of_a_vm_that_is_shut_off_stay_behind(bool undefine, string message)
    {
        LookLike(VmState.ShutOff, Named);

        var check = await _scene.With(MigrationOptions.UndefineSource, undefine).AssertAsync<FirmwareVariablesCheck>(ReadinessStatus.Warning, message);

        Assert.Contains("scp -p /srv/nvram/db.fd kvm2:/srv/nvram/db.fd", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<loader type='pflash'>/usr/share/OVMF/OVMF_CODE.fd</loader>")]
    public async Task Where_the_definition_names_no_file_it_is_libvirts_own(string os)
    {
        LookLike(VmState.ShutOff, os, "firmware='efi'");

        Assert.Contains(Usual, (await _scene.AssertAsync<FirmwareVariablesCheck>(ReadinessStatus.Warning, Usual)).Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, ReadinessStatus.Passed, "no NVRAM file yet")]
    [InlineData(1, ReadinessStatus.Warning, "Only the definition moves, not the NVRAM file")]
    public async Task A_vm_that_has_not_started_yet_has_none_if_that_can_be_seen(int mayLook, ReadinessStatus status, string message)
    {
        LookLike(VmState.ShutOff, string.Empty, "firmware='efi'");
        _scene.AddSourceShell().Answering($"test -e {Usual}", exitCode: 1).Answering("test -x /var/lib/libvirt/qemu/nvram", exitCode: mayLook);

        await _scene.AssertAsync<FirmwareVariablesCheck>(status, message);
    }

    [Theory]
    [InlineData(VmState.Running, Named, "move with a VM that runs")]
    [InlineData(VmState.ShutOff, "", "no firmware that keeps variables")]
    [InlineData(VmState.ShutOff, "<loader type='rom'>/usr/share/seabios/bios.bin</loader>", "no firmware that keeps variables")]
    public async Task Others_have_none_to_leave_behind(VmState state, string os, string message)
    {
        LookLike(state, os);

        await _scene.AssertAsync<FirmwareVariablesCheck>(ReadinessStatus.NotApplicable, message);
    }

    private void LookLike(VmState state, string os, string firmware = "")
    {
        _scene.Vm = _scene.TestVm("db", state);
        _scene.Definition = $"<domain type='kvm'><name>db</name><os {firmware}><type arch='x86_64' machine='q35'>hvm</type>{os}</os></domain>";
    }
}
