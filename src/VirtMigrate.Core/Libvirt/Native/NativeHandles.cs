using System.Runtime.InteropServices;

namespace VirtMigrate.Libvirt.Native;

/// <summary>A virConnectPtr.</summary>
internal sealed class ConnectionHandle() : SafeHandle(nint.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == nint.Zero;

    // virConnectClose gives the references that are left, or -1.
    protected override bool ReleaseHandle() => NativeMethods.ConnectClose(handle) >= 0;
}

/// <summary>A virDomainPtr.</summary>
internal sealed class DomainHandle() : SafeHandle(nint.Zero, ownsHandle: true)
{
    /// <summary>Takes a reference over.</summary>
    public DomainHandle(nint domain)
        : this() => SetHandle(domain);

    public override bool IsInvalid => handle == nint.Zero;

    protected override bool ReleaseHandle() => NativeMethods.DomainFree(handle) == 0;
}

/// <summary>A virStoragePoolPtr.</summary>
internal sealed class StoragePoolHandle() : SafeHandle(nint.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == nint.Zero;

    protected override bool ReleaseHandle() => NativeMethods.StoragePoolFree(handle) == 0;
}

/// <summary>A virStorageVolPtr.</summary>
internal sealed class StorageVolumeHandle() : SafeHandle(nint.Zero, ownsHandle: true)
{
    public override bool IsInvalid => handle == nint.Zero;

    protected override bool ReleaseHandle() => NativeMethods.StorageVolumeFree(handle) == 0;
}

/// <summary>Texts that libvirt hands over to its caller.</summary>
internal static unsafe class NativeText
{
    /// <summary>Takes a text over: copies it and frees libvirt's, which the caller owns; null where libvirt gave none.</summary>
    public static string? Take(byte* text)
    {
        if (text == null)
        {
            return null;
        }

        var copy = Marshal.PtrToStringUTF8((nint)text);
        NativeMemory.Free(text);
        return copy;
    }
}
