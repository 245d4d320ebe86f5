using System.Management.Automation;
using System.Text;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees whose VM has an emulated TPM that the destination can't take over.</summary>
public sealed class TpmFailureTests(LabFixture lab) : FailureTest(lab)
{
    private const string Secret = "6bd2a3ac-0d1c-4b0a-9d6c-0c1d2e3f4a5b";
    private const string States = "/var/lib/libvirt/swtpm";

    [Fact]
    public async Task A_secret_that_the_destination_lacks_has_no_value_for_or_knows_differently()
    {
        await using var here = await DefineSecretAsync(Lab.Host1);
        await SetSecretAsync(Lab.Host1, "one");
        await using var vm = await StartAsync(Tpm($"<encryption secret='{Secret}'/>"));

        var missing = AssertFails(string.Empty, "SecretMissing", ErrorCategory.ObjectNotFound, $"no secret with matching uuid '{Secret}'", "secret-define",
            check: "TpmSecret");
        Assert.Equal("Destination", missing.All("Errors")[0].Text("End"));
        await using var there = await DefineSecretAsync(Lab.Host2);
        AssertFails(string.Empty, "SecretMissing", ErrorCategory.ObjectNotFound, $"secret '{Secret}' does not have a value", "secret-set-value");
        AssertPasses("TpmSecret", status: "NotVerified");
        await SetSecretAsync(Lab.Host2, "another");
        AssertUnreadable();
        await SetSecretAsync(Lab.Host2, "one");
        Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
    }

    [Fact]
    public async Task A_host_without_an_emulator_of_tpms()
    {
        await using var vm = await StartAsync(Tpm());

        // A daemon asks the emulator once what it can do.
        await using var change = await ChangeAsync(Lab.Host2, "mount --bind /dev/null /usr/bin/swtpm", "umount /usr/bin/swtpm", restart: true);
        AssertFails(string.Empty, "TpmEmulatorMissing", ErrorCategory.ObjectNotFound, "TPM version '2.0' is not supported", "apt install swtpm",
            check: "Tpm");
    }

    [Fact]
    public async Task A_state_on_storage_that_both_hosts_share()
    {
        var able = await Lab.RunAsync("exec", Lab.Host1.Name, "swtpm", "socket", "--print-capabilities");
        Assert.SkipWhen(able.Contains("cmdarg-migration", StringComparison.Ordinal), "This swtpm can hand over a state on shared storage.");
        var folder = Path.Combine(Lab.Shared, "swtpm");
        await using var change = await ChangeAsync(Lab.Host1, $"mkdir '{folder}'; rm -rf {States}; ln -s '{folder}' {States}", $"rm -r {States} '{folder}'");
        await using var vm = await StartAsync(Tpm());

        // Only the source itself knows where the state is.
        AssertPasses("Tpm", status: "NotVerified");
        Session.Set("kvm1", Lab.Host1.Ssh);
        Assert.Equal("the running swtpm does not support migration with shared storage", AssertForetold("Tpm", "-Category Devices").Text("LibvirtError"));
        Session.Set("kvm1", Lab.Host1.Tcp);
        AssertFails(string.Empty, "TpmNotMigratable", ErrorCategory.NotImplemented, "swtpm does not support migration with shared storage", "swtpm 0.8");
    }

    private static string Tpm(string more = "") =>
        $"<tpm model='tpm-crb'><backend type='emulator' version='2.0'>{more}</backend></tpm>";

    // Which of both ends is heard first is a race within libvirt, and the source knows only that nobody listens any more.
    private void AssertUnreadable()
    {
        var run = Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2");

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', run.Errors));
        var result = Assert.Single(run.Output);
        Assert.Equal("RolledBack", result.Text("Outcome"));
        _ = result.Text("ErrorId") is "TpmStateUnreadable"
            ? run.AssertError("TpmStateUnreadable", ErrorCategory.InvalidData, "TPM error 0x21 decryption error", "needs the same, under the same UUID")
            : run.AssertError("MigrationStreamBroken", ErrorCategory.ConnectionError, string.Empty, "QEMU's log on 'kvm2' says why");
        Assert.Contains(result.All("Errors"), e => e.Text("Host") is "kvm2");
    }

    private Task<IAsyncDisposable> DefineSecretAsync(LabHost host) => ChangeAsync(host,
        $"echo \"<secret private='yes'><uuid>{Secret}</uuid><usage type='vtpm'><name>empty</name></usage></secret>\" > /run/secret.xml; " +
        "virsh -q secret-define /run/secret.xml; rm /run/secret.xml",
        $"virsh -q secret-undefine {Secret}");

    private static async Task SetSecretAsync(LabHost host, string value) => Assert.Contains("set",
        await Lab.VirshAsync(host, "secret-set-value", Secret, "--base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(value))), StringComparison.Ordinal);
}
