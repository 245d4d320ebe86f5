using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Seam;

/// <summary>An address says all that it takes to get to a host by ssh.</summary>
public sealed class AddressTests(LabFixture lab) : TransportTest(lab)
{
    [Theory]
    [InlineData("Libvirt")]
    [InlineData("Virsh")]
    [InlineData("Ssh")]
    public void The_keys_that_an_address_names_are_used(string transport) =>
        Assert.Equal("kvm1", Connect(Lab.Host1.Libssh2, transport).Single.Text("Name"));

    [Fact]
    public void A_host_whose_key_is_not_among_those_that_an_address_names_is_not_trusted() =>
        AssertNotTrusted(Lab.Host1.Libssh2.Replace("/ssh/known_hosts", "/ssh/no_hosts", StringComparison.Ordinal));

    [Fact]
    public void An_address_over_tcp_is_gone_to_by_ssh_where_that_is_asked_for() => AssertNotTrusted(Lab.Host1.Tcp);

    private void AssertNotTrusted(string address) => Connect(address, "Ssh")
        .AssertError("HostCertificateInvalid", ErrorCategory.SecurityError, "Host key verification failed", "fingerprint of the host's key");

    private SessionResult Connect(string address, string transport) =>
        Session.Set("address", address).Set("transport", transport).Run("Connect-VmHost $address -Transport $transport");
}
