using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;

namespace VirtMigrate.Libvirt;

/// <summary>Reads VMs from a connection: all of them in three calls, or one in five.</summary>
internal sealed unsafe class LibvirtVmReader(ConnectionHandle connection, HostAddress address, VmHost host)
{
    private const int UuidLength = 16;
    private const uint NoId = uint.MaxValue;
    private const uint ListTransient = 1 << 3;
    private const uint ListAutostart = 1 << 10;

    /// <summary>Reads all VMs.</summary>
    /// <param name="withMonitors">
    /// Whether QEMU's monitors may be asked, for balloon and processors of all VMs in one call. A QEMU that does not
    /// answer then holds up the answer for all; without, no QEMU is asked, and each VM costs a call.
    /// </param>
    public IReadOnlyList<Vm> ReadAll(bool withMonitors)
    {
        // The exceptions are asked for, of which most hosts have none.
        var transient = ListUuids(ListTransient);
        var autostart = ListUuids(ListAutostart);
        const uint Monitors = LibvirtStatistics.BalloonGroup | LibvirtStatistics.VCpuGroup;
        using var statistics = LibvirtStatistics.OfAll(connection, LibvirtStatistics.StateGroup | (withMonitors ? Monitors : 0), address);
        var vms = new List<Vm>(statistics.Count);
        for (var i = 0; i < statistics.Count; i++)
        {
            if (Read(statistics.Domain(i), statistics.Parameters(i), transient, autostart) is { } vm)
            {
                vms.Add(vm);
            }
        }

        return vms;
    }

    /// <summary>Reads one VM without asking its QEMU or waiting for its job lock; null when it went away in the meantime.</summary>
    public Vm? Read(DomainHandle domain)
    {
        var borrowed = false;
        try
        {
            domain.DangerousAddRef(ref borrowed);
            var pointer = domain.DangerousGetHandle();
            if (NativeMethods.DomainGetState(domain, out var state, out var reason, 0) < 0 ||
                NativeMethods.DomainGetInfo(pointer, out var info) < 0)
            {
                return NullIfGone();
            }

            var persistent = NativeMethods.DomainIsPersistent(domain);
            var autostart = 0;
            if (persistent < 0 || (persistent == 1 && NativeMethods.DomainGetAutostart(domain, out autostart) < 0))
            {
                return NullIfGone();
            }

            var id = NativeMethods.DomainGetId(pointer);
            return new Vm
            {
                Name = ReadName(pointer),
                Uuid = ReadUuid(pointer),
                Id = id == NoId ? null : (int)id,
                Status = new((VmState)state, reason),
                VmHost = host,
                VCpuCount = info.VCpus,
                Memory = (long)info.Memory.Value * 1024,
                MaxMemory = (long)info.MaxMemory.Value * 1024,
                IsPersistent = persistent == 1,
                Autostart = autostart != 0,
            };
        }
        finally
        {
            if (borrowed)
            {
                domain.DangerousRelease();
            }
        }
    }

    /// <summary>Reads the UUID that libvirt keeps with a domain's pointer.</summary>
    [SkipLocalsInit]
    internal static Guid ReadUuid(nint domain)
    {
        var bytes = stackalloc byte[UuidLength];
        return NativeMethods.DomainGetUuid(domain, bytes) < 0
            ? Guid.Empty
            : new Guid(new ReadOnlySpan<byte>(bytes, UuidLength), bigEndian: true);
    }

    private static string ReadName(nint domain) => Marshal.PtrToStringUTF8(NativeMethods.DomainGetName(domain)) ?? string.Empty;

    private Vm? NullIfGone()
    {
        var exception = LibvirtErrors.LastException(address);
        return exception is VmNotFoundException ? null : throw exception;
    }

    // Read where they are, since there are thousands of them.
    private Vm? Read(nint domain, ReadOnlySpan<NativeTypedParameter> parameters, HashSet<Guid> transient, HashSet<Guid> autostart)
    {
        int state = 0, reason = 0;
        long current = -1, maximum = -1, vcpus = -1;
        foreach (ref readonly var parameter in parameters)
        {
            if (parameter.Is("state.state"u8))
            {
                state = (int)(parameter.Number ?? 0);
            }
            else if (parameter.Is("state.reason"u8))
            {
                reason = (int)(parameter.Number ?? 0);
            }
            else if (parameter.Is("balloon.current"u8))
            {
                current = parameter.Number ?? -1;
            }
            else if (parameter.Is("balloon.maximum"u8))
            {
                maximum = parameter.Number ?? -1;
            }
            else if (parameter.Is("vcpu.current"u8))
            {
                vcpus = parameter.Number ?? -1;
                break;
            }
        }

        if (current < 0 || maximum < 0 || vcpus < 0)
        {
            if (NativeMethods.DomainGetInfo(domain, out var info) < 0)
            {
                return NullIfGone();
            }

            (current, maximum, vcpus) = ((long)info.Memory.Value, (long)info.MaxMemory.Value, info.VCpus);
        }

        var id = NativeMethods.DomainGetId(domain);
        var uuid = ReadUuid(domain);
        return new Vm
        {
            Name = ReadName(domain),
            Uuid = uuid,
            Id = id == NoId ? null : (int)id,
            Status = new((VmState)state, reason),
            VmHost = host,
            VCpuCount = (int)vcpus,
            Memory = current * 1024,
            MaxMemory = maximum * 1024,
            IsPersistent = !transient.Contains(uuid),
            Autostart = autostart.Contains(uuid),
        };
    }

    private HashSet<Guid> ListUuids(uint flags)
    {
        using var domains = LibvirtList.Of(NativeMethods.ConnectListAllDomains, connection, flags, NativeMethods.DomainFree, address);
        return [.. domains.Select(ReadUuid)];
    }
}
