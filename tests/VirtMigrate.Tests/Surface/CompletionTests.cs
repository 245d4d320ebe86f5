using System.Management.Automation;
using System.Reflection;
using VirtMigrate.Cmdlets;
using VirtMigrate.Completion;
using VirtMigrate.Tests.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>What Tab offers for VMs and hosts.</summary>
public sealed class CompletionTests : IDisposable
{
    private const string Node = """
        <node>
          <domain type='test'><name>web 1</name><uuid>00000000-0000-0000-0000-000000000001</uuid><memory>1</memory><os><type>hvm</type></os></domain>
          <domain type='test'><name>web[2]</name><uuid>00000000-0000-0000-0000-000000000002</uuid><memory>1</memory><os><type>hvm</type></os></domain>
          <domain type='test'><name>web$(3)'</name><uuid>00000000-0000-0000-0000-000000000003</uuid><memory>1</memory><os><type>hvm</type></os></domain>
          <domain type='test'><name>-db</name><uuid>00000000-0000-0000-0000-000000000004</uuid><memory>1</memory><os><type>hvm</type></os></domain>
        </node>
        """;

    private readonly string _node = Path.GetTempFileName();

    public CompletionTests() => File.WriteAllText(_node, Node);

    public static TheoryData<string, string> NamedParameters => new(
        from command in typeof(GetVmCommand).Assembly.GetExportedTypes()
        where command.GetCustomAttribute<CmdletAttribute>() is not null
        from property in command.GetProperties()
        where property.Name is "Vm" or "VmHost" or "Destination" or "Source" or "MigrateDisk" or "MigrateDiskDetectZeroes" or "Policy"
        where property.GetCustomAttribute<ParameterAttribute>() is not null
        select (command.Name, property.Name));

    public void Dispose() => File.Delete(_node);

    [Theory]
    [MemberData(nameof(NamedParameters))]
    public void Whatever_names_something_that_exists_is_completed(string command, string parameter)
    {
        var property = typeof(GetVmCommand).Assembly.GetExportedTypes().Single(t => string.Equals(t.Name, command, StringComparison.Ordinal)).GetProperty(parameter)!;

        // What takes objects only names nothing that could be typed.
        Assert.True(
            property.GetCustomAttributes<ArgumentCompleterAttribute>().Any() || property.GetCustomAttribute<ParameterAttribute>()!.ValueFromPipeline,
            $"-{parameter} of {command} completes nothing.");
    }

    [Fact]
    public void A_name_is_quoted_and_escaped_so_that_it_names_its_vm_only()
    {
        LibvirtTools.Require();
        var run = ModuleRun.Of("""
            $null = Connect-VmHost "test://$node"
            $line = 'Get-Vm '
            foreach ($match in (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches) {
                $found = & ([scriptblock]::Create("$line$($match.CompletionText) -VmHost 'test://$node'"))
                "$($match.ListItemText) => $($found.Name -join ', ')"
            }
            """, ("node", _node));

        Assert.Empty(run.Errors);
        Assert.Equal(["-db => -db", "web 1 => web 1", "web$(3)' => web$(3)'", "web[2] => web[2]"], run.Output.Select(o => (string)o.BaseObject).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Get-Vm w", 3)]
    [InlineData("Get-Vm 'web ", 1)]
    [InlineData("Get-Vm web`[", 1)]
    [InlineData("Start-VmMigration -VmHost elsewhere -Vm w", 0)]
    public void What_was_typed_is_gone_on_with(string line, int expected)
    {
        LibvirtTools.Require();
        var run = ModuleRun.Of("""
            $null = Connect-VmHost "test://$node"
            (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches | Where-Object ResultType -eq ParameterValue
            """, ("node", _node), ("line", line));

        Assert.Empty(run.Errors);
        Assert.Equal(expected, run.Output.Count);
    }

    [Fact]
    public void Tab_connects_the_session_to_nothing() =>
        Assert.Empty(ModuleRun.Of("$null = TabExpansion2 -inputScript 'Get-Vm ' -cursorColumn 7; Get-VmHost").Output);

    [Fact]
    public void A_connected_host_is_offered_by_its_name()
    {
        LibvirtTools.Require();
        var run = ModuleRun.Of("""
            $name = (Connect-VmHost test:///default).Name
            foreach ($line in 'Get-Vm -VmHost ', 'Start-VmMigration x -Destination ', 'Disconnect-VmHost ', 'Get-VmHost ') {
                (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.ListItemText -ccontains $name
            }
            """);

        Assert.Empty(run.Errors);
        Assert.Equal([true, true, true, true], run.Output.Select(o => (bool)o.BaseObject));
    }

    [Fact]
    public void The_aliases_of_libvirt_and_the_hosts_of_ssh_are_read()
    {
        const string Libvirt = """
            # uri_aliases = [ "old=qemu:///old" ]
            uri_aliases = [
              "hail=qemu+ssh://root@hail.example/system",
              # "rain=qemu:///rain",
              "sleet=qemu+tls://sleet.example/system",
            ]
            """;
        const string Ssh = """
            Host kvm1 kvm2 # the rack
              HostName 10.0.0.1
            host=kvm3
            Host *.example !bad ?
              User root
            """;

        Assert.Equal(["qemu+ssh://root@hail.example/system", "qemu+tls://sleet.example/system"], KnownAddresses.UriAliases(Libvirt).Select(a => a.Name));
        Assert.Equal("hail in libvirt.conf", KnownAddresses.UriAliases(Libvirt).First().ToolTip);
        Assert.Equal(["kvm1", "kvm2", "kvm3"], KnownAddresses.SshHosts(Ssh).Select(a => a.Name));
        Assert.Empty(KnownAddresses.UriAliases("garbage = ["));
        Assert.Empty(KnownAddresses.SshHosts("\0\u001b[2J"));
    }

    [Fact]
    public void What_a_name_holds_does_not_steer_the_terminal()
    {
        var result = Assert.Single(Completer.Results("a", [("a\u001b[2Jb", "a\u001b[2Jb: Running")]));

        Assert.Equal(("a [2Jb", "a [2Jb: Running"), (result.ListItemText, result.ToolTip));
    }
}
