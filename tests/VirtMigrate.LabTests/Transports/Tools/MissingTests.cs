using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Tools;

/// <summary>The transport is chosen by what is on the machine.</summary>
public sealed class MissingTests(LabFixture lab) : TransportTest(lab)
{
    [Fact]
    public async Task Without_the_library_virsh_is_used()
    {
        using var process = Start(["libvirt"], $"(Connect-VmHost '{Lab.Host1.Tcp}').Transport; @(Get-Vm -VmHost '{Lab.Host1.Tcp}').VmHost.Count");

        Assert.Equal(0, await process.WaitAsync());
        Assert.Contains("Virsh", process.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_library_and_virsh_a_guest_moves_by_ssh()
    {
        await using var guest = await Lab.StartGuestAsync("missing", "--memory", "192", "--dirty", "5");

        using var process = Start(["libvirt", "virsh"],
            $"(Connect-VmHost '{Lab.Host1.Ssh}', '{Lab.Host2.Ssh}').Transport -join ' '; " +
            $"(Get-Vm missing -VmHost '{Lab.Host1.Ssh}' | Start-VmMigration -Destination '{Lab.Host2.Ssh}' -Live).Outcome");

        Assert.Equal(0, await process.WaitAsync());
        Assert.Contains("Ssh Ssh", process.Text, StringComparison.Ordinal);
        Assert.Contains("Completed", process.Text, StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task With_none_of_the_three_an_error_names_them_all()
    {
        using var process = Start(["libvirt", "virsh", "ssh"],
            $"Connect-VmHost '{Lab.Host1.Ssh}' -ErrorAction SilentlyContinue; $e = $Error[0]; $Error.Count; " +
            "$e.FullyQualifiedErrorId; \"$($e.CategoryInfo.Category)\"; \"$e\"; $e.ErrorDetails.RecommendedAction");
        await process.WaitAsync();

        TestContext.Current.TestOutputHelper?.WriteLine(process.Text);
        Assert.StartsWith("1\n", process.Text, StringComparison.Ordinal);
        Assert.StartsWith("LibvirtMissing", process.Text.Split('\n')[1], StringComparison.Ordinal);
        Assert.All(["libvirt.so.0", "virsh", "ssh"], way => Assert.Contains(way, process.Text, StringComparison.Ordinal));
    }

    // The library is hidden from one process by mounts that nobody else sees, and the programs by a PATH without them. A virsh that is
    // there has a library of its own.
    private static ShellProcess Start(string[] hidden, string command)
    {
        const string Hide = """
            library=$(ldconfig -p | sed -n 's/.*libvirt\.so\.0 .*=> //p')
            mount -t tmpfs none /mnt
            mkdir /mnt/bin
            cp "$library" /mnt
            ln -s /usr/bin/* /mnt/bin
            rm /mnt/bin/virsh
            printf '#!/bin/sh\nLD_LIBRARY_PATH=/mnt exec /usr/bin/virsh "$@"\n' >/mnt/bin/virsh
            chmod +x /mnt/bin/virsh
            while [ "$1" != -- ]; do
                case $1 in
                libvirt) mount --bind /dev/null "$library" ;;
                *) rm "/mnt/bin/$1" ;;
                esac
                shift
            done
            shift
            dotnet=$(command -v "$1")
            shift
            PATH=/mnt/bin exec "$dotnet" "$@"
            """;
        return new(command, ["unshare", "--mount", "sh", "-e", "-c", Hide, "sh", .. hidden, "--"]);
    }
}
