using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

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
    /// <param name="domain">The pointer.</param>
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
