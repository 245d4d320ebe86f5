using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Xml;

namespace VirtMigrate.Libvirt;

/// <summary>
/// Looks at many VMs at once: at their definitions in one call and one for each, at all the rest in four calls.
/// </summary>
internal sealed unsafe class LibvirtVmInspector(ConnectionHandle connection, HostAddress address, LibvirtDomains known)
{
    private const uint HasManagedSave = 1 << 8;
    private const uint HasSnapshot = 1 << 12;
    private const uint HasCheckpoint = 1 << 14;
    private const uint NoId = uint.MaxValue;

    // VIR_DOMAIN_XML_INACTIVE.
    private const uint Inactive = 1 << 1;

    /// <summary>Reads definitions.</summary>
    public IReadOnlyDictionary<Guid, DomainDefinition> ReadDefinitions(IReadOnlyCollection<Guid> wanted)
    {
        HashSet<Guid> uuids = [.. wanted];
        using var all = List(0);
        nint[] domains = [.. all.Select(d => d).Where(d => uuids.Contains(LibvirtVmReader.ReadUuid(d)))];
        return LibvirtList.Ask(domains, ReadDefinition)
            .OfType<(Guid Vm, DomainDefinition Definition)>()
            .ToDictionary(d => d.Vm, d => d.Definition);
    }

    /// <summary>Reads the definitions of all VMs.</summary>
    public IReadOnlyList<DomainDefinition> ListDefinitions()
    {
        using var all = List(0);
        return [.. all.Ask(ReadBoth).SelectMany(d => d)];
    }

    /// <summary>Looks at all VMs.</summary>
    /// <param name="withMonitors">
    /// Whether QEMU's monitors may be asked. Without, memory, images and dirty rates are unknown, but no QEMU that does not answer
    /// holds the answer up.
    /// </param>
    public IReadOnlyDictionary<Guid, VmInspection> Inspect(bool withMonitors)
    {
        var snapshots = ListUuids(HasSnapshot);
        var saved = ListUuids(HasManagedSave);
        var checkpoints = ListCheckpointed();
        return Look(withMonitors).ToDictionary(v => v.Vm, v => v with
        {
            HasSnapshots = snapshots.Contains(v.Vm),
            HasCheckpoints = checkpoints.Contains(v.Vm),
            HasManagedSave = saved.Contains(v.Vm),
        });
    }

    private IEnumerable<VmInspection> Look(bool withMonitors)
    {
        const uint Monitors = LibvirtStatistics.BalloonGroup | LibvirtStatistics.BlockGroup;
        if (!withMonitors)
        {
            return ListUuids(0).Select(u => new VmInspection(u));
        }

        try
        {
            return ReadStatistics(Monitors | LibvirtStatistics.DirtyRateGroup);
        }
        catch (HypervisorNotSupportedException)
        {
            return ListUuids(0).Select(u => new VmInspection(u));
        }
        catch (HypervisorException e) when (e is not HostConnectionLostException)
        {
            // A single QEMU that refuses to tell its dirty rate, or dies meanwhile, fails the answer for all.
            return ReadStatistics(Monitors);
        }
    }

    private List<VmInspection> ReadStatistics(uint groups)
    {
        using var statistics = LibvirtStatistics.OfAll(connection, groups, address);
        var vms = new List<VmInspection>(statistics.Count);
        for (var i = 0; i < statistics.Count; i++)
        {
            var domain = statistics.Domain(i);
            vms.Add(VmInspection.Read(LibvirtVmReader.ReadUuid(domain), statistics[i], isActive: NativeMethods.DomainGetId(domain) != NoId));
        }

        return vms;
    }

    private (Guid Vm, DomainDefinition Definition)? ReadDefinition(nint domain)
    {
        var vm = LibvirtVmReader.ReadUuid(domain);
        known.Keep(vm, domain);
        return LibvirtList.TakeUnlessGone(NativeMethods.DomainGetXmlDesc(domain, 0), address) is { } xml ? (vm, new(xml)) : null;
    }

    private DomainDefinition[] ReadBoth(nint domain)
    {
        uint[] flags = NativeMethods.DomainGetId(domain) == NoId ? [0] : [0, Inactive];
        return [.. flags.Select(f => LibvirtList.TakeUnlessGone(NativeMethods.DomainGetXmlDesc(domain, f), address)).OfType<string>().Select(xml => new DomainDefinition(xml))];
    }

    // A libvirt that does not know of checkpoints (before 5.6) has none.
    private HashSet<Guid> ListCheckpointed()
    {
        try
        {
            return ListUuids(HasCheckpoint);
        }
        catch (HypervisorException e) when (e.Error?.Code == LibvirtErrorCode.InvalidArgument)
        {
            return [];
        }
    }

    private HashSet<Guid> ListUuids(uint flags)
    {
        using var list = List(flags);
        return [.. list.Select(LibvirtVmReader.ReadUuid)];
    }

    private LibvirtList List(uint flags) =>
        LibvirtList.Of(NativeMethods.ConnectListAllDomains, connection, flags, NativeMethods.DomainFree, address);
}

/// <summary>Statistics of some VMs, as libvirt handed them over (virConnectGetAllDomainStats, virDomainListGetStats).</summary>
internal sealed unsafe class LibvirtStatistics : IDisposable
{
    public const uint StateGroup = 1 << 0;
    public const uint BalloonGroup = 1 << 2;
    public const uint VCpuGroup = 1 << 3;
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

    public int Count { get; }

    /// <summary>The VM of a record. Its pointer lives as long as these statistics.</summary>
    public nint Domain(int index) => _records[index]->Domain;

    /// <summary>The statistics of a record. They live as long as these.</summary>
    public ReadOnlySpan<NativeTypedParameter> Parameters(int index) => new((void*)_records[index]->Parameters, _records[index]->Count);

    public IReadOnlyList<TypedParameter> this[int index] => NativeTypedParameter.Copy(Parameters(index));

    /// <summary>Asks about every VM of a host, passing over what would have to wait for a VM's job lock.</summary>
    public static LibvirtStatistics OfAll(ConnectionHandle connection, uint groups, HostAddress address)
    {
        // Not every driver knows the flags.
        var backing = (groups & BlockGroup) == 0 ? 0 : Backing;
        var count = NativeMethods.ConnectGetAllDomainStats(connection, groups, out var records, NoWait | backing);
        if (count < 0 && LibvirtErrors.Last().Code == LibvirtErrorCode.InvalidArgument)
        {
            count = NativeMethods.ConnectGetAllDomainStats(connection, groups, out records, backing);
        }

        return count < 0 ? throw LibvirtErrors.LastException(address) : new(records, count);
    }

    /// <summary>Asks about one VM, passing over what would have to wait for its job lock.</summary>
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

    public void Dispose()
    {
        if (_records != null)
        {
            NativeMethods.DomainStatsRecordListFree(_records);
            _records = null;
        }
    }
}
