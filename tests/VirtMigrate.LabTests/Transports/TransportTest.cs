using VirtMigrate.LabSupport;

namespace VirtMigrate.LabTests.Transports;

/// <summary>A test of sessions that are connected to both hosts over a chosen transport.</summary>
/// <param name="lab">The hosts.</param>
public abstract class TransportTest(LabFixture lab) : LabTest(lab)
{
    /// <summary>Opens a session that is connected to both hosts, with the addresses that it knows them by in $kvm1 and $kvm2.</summary>
    /// <param name="transport">The case, as a theory names it.</param>
    /// <returns>The session.</returns>
    protected PowerShellSession Connect(string transport)
    {
        var session = NewSession(transport);
        session.Run("$null = Connect-VmHost $kvm1, $kvm2 -Transport $transport").AssertNoErrors();
        return session;
    }

    /// <summary>Opens a session that is not connected yet, with both hosts' addresses in $kvm1 and $kvm2 and the transport in $transport.</summary>
    /// <param name="transport">The case, as a theory names it.</param>
    /// <returns>The session.</returns>
    protected PowerShellSession NewSession(string transport)
    {
        var way = TransportCase.Parse(transport);
        return NewSession().Set("transport", way.Transport).Set("kvm1", way.Uri(Lab.Host1)).Set("kvm2", way.Uri(Lab.Host2));
    }
}
