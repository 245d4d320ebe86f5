using System.Runtime.InteropServices;
using System.Xml;
using System.Xml.Linq;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>Reads what a host says of itself.</summary>
internal static unsafe class LibvirtHostReader
{
    private const int MemoryFieldLength = 80;

    /// <summary>Describes the host behind a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="address">The address that it was opened with.</param>
    /// <param name="transport">The transport's name.</param>
    /// <returns>The host.</returns>
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
            IsEncrypted = NativeMethods.ConnectIsEncrypted(connection) == 1 || address.Transport is "ssh" or "libssh" or "libssh2",
            IsConnected = true,
        };
    }

    /// <summary>Tells how much memory is free or can be freed at once, in bytes.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="address">The address that it was opened with.</param>
    /// <returns>Bytes.</returns>
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

    // Libvirt packs a version as major × 1,000,000 + minor × 1,000 + release.
    private static Version ToVersion(CULong packed)
    {
        var number = (long)packed.Value;
        return new((int)(number / 1_000_000), (int)(number / 1_000 % 1_000), (int)(number % 1_000));
    }

    private static Guid? ReadUuid(string? capabilities)
    {
        if (capabilities is null)
        {
            return null;
        }

        using var reader = XmlReader.Create(new StringReader(capabilities), new() { DtdProcessing = DtdProcessing.Prohibit });
        return Guid.TryParse(XElement.Load(reader).Element("host")?.Element("uuid")?.Value, out var uuid) ? uuid : null;
    }

    private static string ReadModel(NativeNodeInfo node) => Marshal.PtrToStringUTF8((nint)node.Model) ?? "unknown";
}
