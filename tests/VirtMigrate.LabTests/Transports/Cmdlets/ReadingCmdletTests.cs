using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Transports.Seam;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Cmdlets;

/// <summary>The cmdlets that only look show the same over every transport.</summary>
/// <param name="traveller">A guest.</param>
public sealed class ReadingCmdletTests(Traveller traveller) : TransportTest(traveller.Lab), IClassFixture<Traveller>
{
    // What depends on the moment, and the duration of looking.
    private static readonly string[] Moments = ["Duration", "Time", "Start", "Available", "free", " GiB", " MiB"];

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public void Hosts_vms_jobs_and_reports_are_the_same_objects(string transport)
    {
        // What is probed at all depends on the way: where ssh leads to a host, its shell is asked.
        using var reference = Connect($"Libvirt/{TransportCase.Parse(transport).Way}");
        using var subject = Connect(transport);

        AssertSame("Get-VmHost");
        AssertSame("Get-Vm -VmHost $kvm1 | Where-Object Name");
        AssertSame("Get-Vm traveller -VmHost $kvm1, $kvm2");
        AssertSame("Get-VmMigrationJob");
        AssertSame("Test-VmMigrationReadiness traveller -VmHost $kvm1 -Destination $kvm2");
        AssertSame("Test-VmMigrationResult traveller -VmHost $kvm1 -Destination $kvm2");

        void AssertSame(string script)
        {
            for (var i = 0; i < 3; i++)
            {
                var before = Show(reference, script);
                var shown = Show(subject, script);
                if (i == 2 || before.SequenceEqual(Show(reference, script)))
                {
                    Assert.Equal(before, shown);
                    return;
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(TransportCases.Each), MemberType = typeof(TransportCases))]
    public void A_host_tells_its_transport_and_is_found_by_name_address_and_object(string transport)
    {
        using var session = NewSession(transport);

        var result = session.Run("""
            $a = Connect-VmHost $kvm1 -Transport $transport
            $b = Get-VmHost $a.Name
            $c = (Get-Vm traveller -VmHost $kvm1).VmHost
            $d = (Get-Vm traveller -VmHost $a).VmHost
            $e = (Get-Vm traveller -VmHost $a.Name).VmHost
            [pscustomobject]@{ Transports = ($a, $b, $c, $d, $e).Transport -join ' '; Count = @(Get-VmHost).Count; IsEncrypted = $a.IsEncrypted; Uri = $a.Uri }
            Disconnect-VmHost $a
            @(Get-VmHost).Count
            """).AssertNoErrors();

        var way = TransportCase.Parse(transport);
        Assert.Equal(string.Join(' ', Enumerable.Repeat(way.Transport, 5)), result.Output[0].Text("Transports"));
        Assert.Equal(1, result.Output[0].Number("Count"));
        Assert.Equal(way.Way is not "tcp", result.Output[0].Get("IsEncrypted"));
        Assert.Equal(way.Uri(Lab.Host1), result.Output[0].Text("Uri"));
        Assert.Equal(0, result.Output[1].BaseObject);
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public void A_dirty_rate_and_an_estimate_are_measured(string transport)
    {
        using var session = Connect(transport);

        var rate = session.Run("($rate = Measure-VmDirtyRate traveller -VmHost $kvm1 -Period 1)").Single;
        var estimate = session.Run("Get-VmMigrationEstimate traveller -VmHost $kvm1 -Destination $kvm2 -Bandwidth 100MB -DirtyRate $rate").Single;

        Assert.InRange(rate.Number("BytesPerSecond"), 1 << 20, 60 << 20);
        Assert.Equal(transport.Split('/')[0], rate.Text("VmHost.Transport"));
        Assert.Equal("kvm2", estimate.Text("Destination"));
        Assert.NotEmpty(estimate.Text("Verdict"));
    }

    private List<string> Show(PowerShellSession session, string script)
    {
        var result = session.Run(script).AssertNoErrors();
        var lines = result.Output.SelectMany(o => Description.Of(o.BaseObject));
        var ways = TransportCases.Each.Select(row => TransportCase.Parse(row.Data));

        // Reports quote commands with the hosts' addresses in them.
        return [.. ways.Aggregate(lines, (all, way) => all.Select(l => l
            .Replace($"'{way.Uri(Lab.Host1)}'", "<kvm1>", StringComparison.Ordinal).Replace($"'{way.Uri(Lab.Host2)}'", "<kvm2>", StringComparison.Ordinal)
            .Replace(way.Uri(Lab.Host1), "<kvm1>", StringComparison.Ordinal).Replace(way.Uri(Lab.Host2), "<kvm2>", StringComparison.Ordinal)))
            .Where(l => !Moments.Any(m => l.Contains(m, StringComparison.Ordinal)))];
    }
}
