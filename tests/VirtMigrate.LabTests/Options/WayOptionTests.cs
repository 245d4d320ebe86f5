using System.Globalization;
using System.Text.RegularExpressions;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>Memory takes the way that it is told to take.</summary>
public sealed partial class WayOptionTests(LabFixture lab) : OptionTest(lab)
{
    [Fact]
    public async Task Memory_and_viewers_go_to_the_addresses_that_are_given()
    {
        await using var guest = await Lab.StartGuestAsync("address", "--memory", "192");
        await using var address = await ExtraAddress.AddAsync(Lab.Host2);
        await using var source = await DaemonTrace.BeginAsync(Lab, Lab.Host1);
        await using var destination = await DaemonTrace.BeginAsync(Lab, Lab.Host2);
        IReadOnlyList<string> sockets = [];

        await MoveAsync(
            guest,
            Lab.Host1,
            $"-MigrateUri tcp://{address.Text}:49300 -ListenAddress {address.Text} -GraphicsUri spice://viewer.example:5999 -Bandwidth 32MB",
            async () => sockets = await Lab.SocketsAsync(Lab.Host2, "state", "established", "src", $"{address.Text}:49300"));

        Assert.Equal($"tcp:{address.Text}:49300", Assert.Single(destination.Arguments("migrate-incoming")).GetProperty("uri").GetString());
        Assert.Single(sockets);
        var viewers = Assert.Single(source.Arguments("client_migrate_info"));
        Assert.Equal("viewer.example:5999", $"{viewers.GetProperty("hostname").GetString()}:{viewers.GetProperty("port").GetInt32()}");
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Memory_goes_through_the_daemons_connection_when_tunnelled()
    {
        await using var guest = await Lab.StartGuestAsync("tunnel", "--memory", "192");
        IReadOnlyList<string> direct = ["not looked"];
        var sent = 0L;

        await MoveAsync(guest, Lab.Host1, "-PeerToPeer -Tunnelled -Bandwidth 16MB", async () =>
        {
            // A client of the daemon may have a port of that range itself.
            direct = await Lab.SocketsAsync(Lab.Host1, "state", "established", "dst", Lab.Host2.Address, "( dport >= :49152 and dport <= :49215 )");
            await EventuallyAsync("the daemons' connection carries memory", async () =>
            {
                var daemons = await Lab.SocketsAsync(Lab.Host1, "-i", "state", "established", "dst", $"{Lab.Host2.Address}:16509");
                sent = daemons.Select(l => BytesSent().Match(l)).Where(m => m.Success)
                    .Select(m => long.Parse(m.Groups["bytes"].Value, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
                return sent > 4 << 20;
            });
        });

        Assert.Empty(direct);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [GeneratedRegex("bytes_sent:(?<bytes>[0-9]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BytesSent();
}
