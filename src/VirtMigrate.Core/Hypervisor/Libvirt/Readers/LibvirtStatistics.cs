using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt.Readers;

/// <summary>Statistics of some VMs, as libvirt handed them over (virConnectGetAllDomainStats, virDomainListGetStats).</summary>
internal sealed unsafe class LibvirtStatistics : IDisposable
{
    public const uint StateGroup = 1 << 0;
    public const uint BalloonGroup = 1 << 2;
    public const uint BlockGroup = 1 << 5;
    public const uint DirtyRateGroup = 1 << 9;

    private const uint NoWait = 1 << 29;
    private const uint Backing = 1 << 30;

    private NativeStatisticsRecord** _records;

    private LibvirtStatistics(NativeStatisticsRecord** records, int count)
    {
        _records = records;
        Count = count;
    }

    /// <summary>How many VMs there are.</summary>
    public int Count { get; }

    /// <summary>The VM of a record. Its pointer lives as long as these statistics.</summary>
    /// <param name="index">The record's number.</param>
    /// <returns>The pointer.</returns>
    public nint Domain(int index) => _records[index]->Domain;

    /// <summary>A record's values.</summary>
    /// <param name="index">The record's number.</param>
    /// <returns>The values.</returns>
    public IReadOnlyList<TypedParameter> this[int index] =>
        NativeTypedParameter.Copy(new((void*)_records[index]->Parameters, _records[index]->Count));

    /// <summary>Asks about every VM of a host, passing over what would have to wait for a VM's job lock.</summary>
    /// <param name="connection">The host.</param>
    /// <param name="groups">What is asked.</param>
    /// <param name="address">The host's address.</param>
    /// <returns>The statistics.</returns>
    public static LibvirtStatistics OfAll(ConnectionHandle connection, uint groups, HostAddress address)
    {
        var count = NativeMethods.ConnectGetAllDomainStats(connection, groups, out var records, NoWait | Backing);
        if (count < 0 && LibvirtErrors.Last().Code == LibvirtErrorCode.InvalidArgument)
        {
            count = NativeMethods.ConnectGetAllDomainStats(connection, groups, out records, Backing);
        }

        return count < 0 ? throw LibvirtErrors.LastException(address) : new(records, count);
    }

    /// <summary>Asks about one VM, passing over what would have to wait for its job lock.</summary>
    /// <param name="domain">The VM.</param>
    /// <param name="groups">What is asked.</param>
    /// <param name="address">The host's address.</param>
    /// <returns>The statistics.</returns>
    public static LibvirtStatistics Of(DomainHandle domain, uint groups, HostAddress address)
    {
        var borrowed = false;
        try
        {
            domain.DangerousAddRef(ref borrowed);
            var domains = stackalloc nint[] { domain.DangerousGetHandle(), nint.Zero };
            var count = NativeMethods.DomainListGetStats(domains, groups, out var records, NoWait);
            return count < 0 ? throw LibvirtErrors.LastException(address) : new(records, count);
        }
        finally
        {
            if (borrowed)
            {
                domain.DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_records != null)
        {
            NativeMethods.DomainStatsRecordListFree(_records);
            _records = null;
        }
    }
}
