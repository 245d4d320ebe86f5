using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

/// <summary>What decides over how memory moves reaches QEMU, and shows in its account.</summary>
public sealed class MemoryOptionTests(LabFixture lab) : OptionTest(lab)
{
    [Fact]
    public async Task Both_compressions_are_used_and_tuned()
    {
        await using var guest = await Lab.StartGuestAsync("compress", "--memory", "192", "--dirty", "8");
        JsonElement parameters = default;
        IReadOnlyList<string> capabilities = [];
        var (compressing, decompressing) = (0, 0);

        await MoveAsync(
            guest,
            Lab.Host1,
            "-Bandwidth 8MB -Compression mt, xbzrle -CompressionMtLevel 3 -CompressionMtThreads 3 " +
            "-CompressionMtDecompressionThreads 5 -CompressionXbzrleCache 16MB",
            async () =>
            {
                parameters = await guest.QemuAsync(Lab.Host1, "query-migrate-parameters");
                capabilities = await guest.QemuCapabilitiesAsync(Lab.Host1);
                compressing = await ThreadsAsync(Lab.Host1, guest, "compress");
                decompressing = await ThreadsAsync(Lab.Host2, guest, "decompress");
                await EventuallyAsync("pages are sent as what has changed in them", async () =>
                    (await guest.QemuAsync(Lab.Host1, "query-migrate")).TryGetProperty("xbzrle-cache", out var cache) && Number(cache, "pages") > 0);
                await Lab.VirshAsync(Lab.Host1, "migrate-setspeed", guest.Name, "1000");
            });

        Assert.Contains("compress", capabilities);
        Assert.Contains("xbzrle", capabilities);
        Assert.Equal(3, Number(parameters, "compress-level"));
        Assert.Equal(3, Number(parameters, "compress-threads"));
        Assert.Equal(16 << 20, Number(parameters, "xbzrle-cache-size"));
        Assert.Equal(3, compressing);
        Assert.Equal(5, decompressing);
        Assert.Equal(16 << 20, await CompletedAsync(Lab.Host2, guest, "compression_cache"));
        Assert.True(await CompletedAsync(Lab.Host2, guest, "compression_pages") > 0, "libvirt's account knows of no compressed page.");
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Auto_converge_throttles_as_hard_as_it_is_told_until_the_guest_can_move()
    {
        await using var guest = await Lab.StartGuestAsync("throttle", "--memory", "192", "--dirty", "40", "--working-set", "60");
        JsonElement parameters = default;
        IReadOnlyList<string> capabilities = [];

        await MoveAsync(guest, Lab.Host1, "-Bandwidth 16MB -AutoConverge -AutoConvergeInitial 70 -AutoConvergeIncrement 25", async () =>
        {
            parameters = await guest.QemuAsync(Lab.Host1, "query-migrate-parameters");
            capabilities = await guest.QemuCapabilitiesAsync(Lab.Host1);
            await EventuallyAsync("QEMU throttles the guest", async () => (await guest.QemuAsync(Lab.Host1, "query-migrate"))
                .TryGetProperty("cpu-throttle-percentage", out var throttle) && throttle.GetInt32() is 70 or 95);
            await Lab.VirshAsync(Lab.Host1, "migrate-setspeed", guest.Name, "1000");
        });

        Assert.Contains("auto-converge", capabilities);
        Assert.Equal(70, Number(parameters, "cpu-throttle-initial"));
        Assert.Equal(25, Number(parameters, "cpu-throttle-increment"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Post_copy_is_made_possible_and_its_rate_is_held()
    {
        await using var guest = await Lab.StartGuestAsync("postcopy", "--memory", "192", "--dirty", "4", "--working-set", "60");
        JsonElement parameters = default;
        IReadOnlyList<string> capabilities = [];

        await MoveAsync(guest, Lab.Host1, "-Bandwidth 8MB -PostCopy -PostCopyBandwidth 16MB", async () =>
        {
            parameters = await guest.QemuAsync(Lab.Host1, "query-migrate-parameters");
            capabilities = await guest.QemuCapabilitiesAsync(Lab.Host1);
            await Lab.VirshAsync(Lab.Host1, "migrate-postcopy", guest.Name);
            await EventuallyAsync("the guest asks for pages", async () =>
                Number((await guest.QemuAsync(Lab.Host1, "query-migrate")).GetProperty("ram"), "postcopy-requests") > 0);
        });

        Assert.Contains("postcopy-ram", capabilities);
        Assert.Equal(16 << 20, Number(parameters, "max-postcopy-bandwidth"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public async Task Post_copy_fills_as_much_of_the_link_as_it_is_allowed(int limit)
    {
        await using var guest = await Lab.StartGuestAsync("rate", "--memory", "256", "--working-set", "16");
        double rate = 0;

        // Hardly anything has moved when it is switched, and the guest asks for little.
        await MoveAsync(guest, Lab.Host1, $"-Bandwidth 4MB -PostCopy -PostCopyBandwidth {limit}MB", async () =>
        {
            await Lab.VirshAsync(Lab.Host1, "migrate-postcopy", guest.Name);
            await Task.Delay(500);
            var (start, before) = (Stopwatch.GetTimestamp(), await SentAsync());
            await Task.Delay(1500);
            rate = (await SentAsync() - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            Assert.Equal("running (post-copy)", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{rate / (1 << 20):0.0} MiB/s");
        Assert.InRange(rate / (limit << 20), 0.6, 1.4);
        await guest.AssertWholeOnAsync(Lab.Host2);

        async Task<long> SentAsync() => long.Parse(
            await Lab.RunAsync("exec", Lab.Host1.Name, "cat", "/sys/class/net/eth0/statistics/tx_bytes"), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Pages_are_sent_from_where_they_lie()
    {
        await using var guest = await Lab.StartGuestAsync("zerocopy", LimitMemory, "--memory", "192");
        JsonElement account = default;
        IReadOnlyList<string> capabilities = [];

        await MoveAsync(guest, Lab.Host1, "-Parallel 2 -ZeroCopy -Bandwidth 24MB", async () =>
        {
            capabilities = await guest.QemuCapabilitiesAsync(Lab.Host1);
            account = await guest.QemuAsync(Lab.Host1, "query-migrate");
        });

        Assert.Contains("zero-copy-send", capabilities);
        Assert.True(Number(account.GetProperty("ram"), "multifd-bytes") > 0, "Nothing went over the two connections.");
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    /// <summary>
    /// Limits a guest's memory, in name only. RDMA wants to see a limit; for zero copy, libvirt allows QEMU to lock as much, else the
    /// guest's whole memory, which takes a right that root in a container lacks.
    /// </summary>
    /// <param name="domain">The guest's definition.</param>
    internal static void LimitMemory(XElement domain) =>
        domain.Element("memory")!.AddBeforeSelf(XElement.Parse("<memtune><hard_limit unit='KiB'>4096</hard_limit></memtune>"));

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    // QEMU names its threads after what they do.
    private async Task<int> ThreadsAsync(LabHost host, LabGuest guest, string name)
    {
        var names = await Lab.RunAsync("exec", host.Name, "sh", "-c", $"cat /proc/$(cat /run/libvirt/qemu/{guest.Name}.pid)/task/*/comm");
        return names.Split('\n').Count(n => string.Equals(n, name, StringComparison.Ordinal));
    }
}
