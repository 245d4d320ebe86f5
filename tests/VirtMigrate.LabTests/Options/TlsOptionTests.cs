using System.Text.Json;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>With -Tls nobody on the network reads the guest's memory and disks, and nobody poses as the destination.</summary>
public sealed class TlsOptionTests(LabFixture lab) : OptionTest(lab)
{
    private const int Pages = 8;
    private const int Records = 8;

    [Fact]
    public async Task Known_memory_and_disk_content_is_on_the_wire_without_tls_and_not_with_it()
    {
        await using var guest = await Lab.StartGuestAsync("secret", "--memory", "192", "--disk", "local");
        byte[][] content =
        [
            .. Enumerable.Range(1, Pages).Select(GuestContent.OfPage),
            .. Enumerable.Range(1, Records).Select(GuestContent.OfRecord),
        ];
        JsonElement parameters = default;

        // A content may lie across two packets, but not half of all.
        await using (var plain = WireCapture.Begin(Lab.Host1, content))
        {
            await MoveAsync(guest, Lab.Host1, "-CopyStorage All -Bandwidth 64MB");
            await plain.CatchUpAsync();
            Assert.InRange(plain.Found, (Pages + Records) * 3 / 4, Pages + Records);
        }

        await using (var encrypted = WireCapture.Begin(Lab.Host1, content))
        {
            var result = await MoveAsync(guest, Lab.Host2, "-CopyStorage All -AssumeSeparateStorage -Confirm:$false -Bandwidth 32MB -Tls", async () =>
                parameters = await guest.QemuAsync(Lab.Host2, "query-migrate-parameters"));
            await encrypted.CatchUpAsync();
            Assert.Equal(0, encrypted.Found);
            Assert.True(encrypted.Bytes > result.Number("Transferred"), $"Only {encrypted.Bytes} bytes passed.");
        }

        Assert.NotEmpty(parameters.GetProperty("tls-creds").GetString()!);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task The_destinations_certificate_must_be_for_the_name_that_it_is_reached_by_or_that_is_given()
    {
        await using var guest = await Lab.StartGuestAsync("name", "--memory", "192");
        await using var address = await ExtraAddress.AddAsync(Lab.Host2);

        await AssertRefusedAsync(
            guest, $"-Tls -MigrateUri tcp://{address.Text}", "Certificate does not match the hostname", "Cannot read from TLS channel");
        await MoveAsync(guest, Lab.Host1, $"-Tls -MigrateUri tcp://{address.Text} -TlsDestination kvm2");

        await guest.AssertWholeOnAsync(Lab.Host2);
    }
}
