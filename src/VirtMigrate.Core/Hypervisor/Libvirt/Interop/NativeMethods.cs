using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>Libvirt's C API as it is, one method a function: the library itself, its errors and its event loop.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "libvirt.so.0";

    [LibraryImport(Library, EntryPoint = "virInitialize")]
    internal static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "virGetLastError")]
    internal static partial NativeError* GetLastError();

    [LibraryImport(Library, EntryPoint = "virResetLastError")]
    internal static partial void ResetLastError();

    [LibraryImport(Library, EntryPoint = "virSetErrorFunc")]
    internal static partial void SetErrorFunc(nint data, delegate* unmanaged<nint, nint, void> handler);

    [LibraryImport(Library, EntryPoint = "virEventRegisterDefaultImpl")]
    internal static partial int EventRegisterDefaultImpl();

    [LibraryImport(Library, EntryPoint = "virEventRunDefaultImpl")]
    internal static partial int EventRunDefaultImpl();

    [LibraryImport(Library, EntryPoint = "virTypedParamsFree")]
    internal static partial void TypedParamsFree(NativeTypedParameter* parameters, int count);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddInt", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int TypedParamsAddInt(ref NativeTypedParameter* parameters, ref int count, ref int capacity, string name, int value);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddULLong", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int TypedParamsAddULLong(
        ref NativeTypedParameter* parameters, ref int count, ref int capacity, string name, ulong value);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddString", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int TypedParamsAddString(
        ref NativeTypedParameter* parameters, ref int count, ref int capacity, string name, string value);
}
