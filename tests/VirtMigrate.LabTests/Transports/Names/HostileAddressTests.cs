using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Names;

/// <summary>An address names a host, and never an option or a command.</summary>
public sealed class HostileAddressTests(LabFixture lab) : TransportTest(lab)
{
    private const string Touch = $"touch {HostileNames.Marker}";

    /// <summary>Addresses with a command in every part that reaches a command line.</summary>
    public static TheoryData<string> Addresses =>
    [
        $"-oProxyCommand={Touch}",
        "--help",
        $"root@-oProxyCommand={Touch}",
        $"-oProxyCommand={Touch}@10.0.0.1",
        $"$({Touch})",
        $"10.0.0.1;{Touch}",
        $"qemu+ssh://-oProxyCommand={HostileNames.Marker}/system",
        $"qemu+ssh://-oProxyCommand=touch%20{HostileNames.Marker}@127.0.0.1:1/system",
        $"qemu+ssh://%2DoProxyCommand=touch%20{HostileNames.Marker}@127.0.0.1:1/system",
        $"qemu+ssh://127.0.0.1:1/system?keyfile=-oProxyCommand={Touch}",
        $"qemu+ssh://127.0.0.1:1/system?known_hosts=%22%20-oProxyCommand={Touch}",
        $"qemu+ssh://127.0.0.1:1/system?known_hosts_verify=$({Touch})",
        $"qemu+ssh://$({HostileNames.Marker})@127.0.0.1:1/system",
    ];

    [Theory]
    [MemberData(nameof(Addresses))]
    public void A_command_in_an_address_is_not_run(string address)
    {
        using var session = NewSession();

        foreach (var transport in new[] { "Virsh", "Ssh" })
        {
            var result = session.Set("address", address).Set("transport", transport).Run("Connect-VmHost $address -Transport $transport");

            var error = Assert.Single(result.Errors);
            TestContext.Current.TestOutputHelper?.WriteLine($"{transport}: {error.FullyQualifiedErrorId}: {error}");
            Assert.Contains(error.FullyQualifiedErrorId.Split(',')[0], (string[])["HostAddressInvalid", "HostUnreachable", "HostAuthenticationRefused", "HostCertificateInvalid", "LibvirtError"]);
            Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
            Assert.Empty(HostileNames.Marks(Lab));
        }
    }

    [Fact]
    public void A_bare_option_is_no_address_at_all()
    {
        using var session = NewSession();
        session.Run($"Connect-VmHost '-oProxyCommand={Touch}' -Transport Ssh")
            .AssertError("HostAddressInvalid", System.Management.Automation.ErrorCategory.InvalidArgument, "-oProxyCommand", "root@kvm2");
    }
}
