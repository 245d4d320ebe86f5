using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Xml;

namespace VirtMigrate.Libvirt;

/// <summary>Reads what a host says of itself.</summary>
internal static unsafe class LibvirtHostReader
{
    private const int MemoryFieldLength = 80;
    private const uint FailIncompatible = 1 << 0;

    /// <summary>Describes the host behind a connection.</summary>
    public static VmHost Read(ConnectionHandle connection, HostAddress address, string transport)
    {
        var name = NativeText.Take(NativeMethods.ConnectGetHostname(connection)) ?? throw LibvirtErrors.LastException(address);
        if (NativeMethods.ConnectGetLibVersion(connection, out var libvirt) < 0 || NativeMethods.NodeGetInfo(connection, out var node) < 0)
        {
            throw LibvirtErrors.LastException(address);
        }

        return new VmHost
        {
            Name = name,
            Uri = address.Uri,
            Transport = transport,
            Hypervisor = Marshal.PtrToStringUTF8(NativeMethods.ConnectGetType(connection)) ?? "unknown",
            HypervisorVersion = NativeMethods.ConnectGetVersion(connection, out var version) < 0 ? null : ToVersion(version),
            LibvirtVersion = ToVersion(libvirt),
            Uuid = ReadUuid(NativeText.Take(NativeMethods.ConnectGetCapabilities(connection))),
            Architecture = ReadModel(node),
            CpuCount = (int)node.Cpus,
            Memory = (long)node.Memory.Value * 1024,

            // Libvirt knows of its own TLS only; to it, an ssh tunnel is a plain pipe.
            IsEncrypted = NativeMethods.ConnectIsEncrypted(connection) == 1 || address.IsOverSsh,
            IsConnected = true,
        };
    }

    /// <summary>Tells how much memory is free or can be freed at once, in bytes.</summary>
    public static long ReadAvailableMemory(ConnectionHandle connection, HostAddress address)
    {
        const int AllCells = -1;
        var count = 0;
        if (NativeMethods.NodeGetMemoryStats(connection, AllCells, null, ref count, 0) < 0)
        {
            throw LibvirtErrors.LastException(address);
        }

        var statistics = new NativeMemoryStatistic[count];
        fixed (NativeMemoryStatistic* first = statistics)
        {
            if (NativeMethods.NodeGetMemoryStats(connection, AllCells, first, ref count, 0) < 0)
            {
                throw LibvirtErrors.LastException(address);
            }

            long kibibytes = 0;
            for (var i = 0; i < count; i++)
            {
                var field = new ReadOnlySpan<byte>(first[i].Field, MemoryFieldLength);
                if (field.StartsWith("free\0"u8) || field.StartsWith("buffers\0"u8) || field.StartsWith("cached\0"u8))
                {
                    kibibytes += (long)first[i].Value;
                }
            }

            return kibibytes * 1024;
        }
    }

    public static HostCapabilities ReadCapabilities(ConnectionHandle connection, HostAddress address) =>
        new(NativeText.Take(NativeMethods.ConnectGetCapabilities(connection)) ?? throw LibvirtErrors.LastException(address));

    public static DomainCapabilities ReadDomainCapabilities(ConnectionHandle connection, GuestKind kind, HostAddress address) =>
        new(NativeText.Take(NativeMethods.ConnectGetDomainCapabilities(
            connection, kind.Emulator, Given(kind.Architecture), kind.Machine, Given(kind.DomainType), 0)) ?? throw LibvirtErrors.LastException(address));

    public static CpuComparison CompareCpu(ConnectionHandle connection, GuestKind kind, string cpu, HostAddress address)
    {
        var result = NativeMethods.ConnectCompareHypervisorCpu(
            connection, kind.Emulator, Given(kind.Architecture), kind.Machine, Given(kind.DomainType), cpu, FailIncompatible);
        if (result >= 0)
        {
            return new((CpuComparisonResult)result, null);
        }

        // Only as an error does libvirt name what is missing.
        var error = LibvirtErrors.Last();
        return error.Code == LibvirtErrorCode.CpuIncompatible
            ? new(CpuComparisonResult.Incompatible, error.Message)
            : throw HypervisorErrors.Classify(error, address);
    }

    /// <summary>Tells how many pages of some sizes are free: one entry for each cell and size.</summary>
    public static IReadOnlyList<FreePages> ReadFreePages(ConnectionHandle connection, IReadOnlyList<long> sizes, int cells, HostAddress address)
    {
        uint[] kibibytes = [.. sizes.Select(s => (uint)(s / 1024))];
        var counts = new ulong[sizes.Count * cells];
        fixed (uint* firstSize = kibibytes)
        fixed (ulong* firstCount = counts)
        {
            if (NativeMethods.NodeGetFreePages(connection, (uint)kibibytes.Length, firstSize, 0, (uint)cells, firstCount, 0) < 0)
            {
                throw LibvirtErrors.LastException(address);
            }
        }

        return [.. counts.Select((count, i) => new FreePages(i / sizes.Count, sizes[i % sizes.Count], (long)count))];
    }

    public static IReadOnlySet<Guid> ListSecrets(ConnectionHandle connection, HostAddress address)
    {
        using var secrets = LibvirtList.Of(NativeMethods.ConnectListAllSecrets, connection, 0, NativeMethods.SecretFree, address);
        return secrets.Select(ReadSecretUuid).ToHashSet();
    }

    private static Guid ReadSecretUuid(nint secret)
    {
        const int Length = 16;
        var bytes = stackalloc byte[Length];
        return NativeMethods.SecretGetUuid(secret, bytes) < 0 ? Guid.Empty : new(new ReadOnlySpan<byte>(bytes, Length), bigEndian: true);
    }

    // Libvirt takes its own default for what is not given, and refuses what is empty.
    private static string? Given(string text) => text.Length == 0 ? null : text;

    // Libvirt packs a version as major × 1,000,000 + minor × 1,000 + release.
    private static Version ToVersion(CULong packed)
    {
        var number = (long)packed.Value;
        return new((int)(number / 1_000_000), (int)(number / 1_000 % 1_000), (int)(number % 1_000));
    }

    private static Guid? ReadUuid(string? capabilities) => capabilities is null ? null : new HostCapabilities(capabilities).HostUuid;

    private static string ReadModel(NativeNodeInfo node) => Marshal.PtrToStringUTF8((nint)node.Model) ?? "unknown";
}
