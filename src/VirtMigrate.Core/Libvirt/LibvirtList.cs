using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;

namespace VirtMigrate.Libvirt;

/// <summary>A list of pointers that libvirt handed over; each of them and the list are freed with it.</summary>
internal sealed unsafe class LibvirtList : IDisposable
{
    private readonly Func<nint, int> _free;
    private nint* _items;

    private LibvirtList(nint* items, int count, Func<nint, int> free)
    {
        _items = items;
        _free = free;
        Count = count;
    }

    /// <summary>A function of libvirt that lists: the number of items, of which the caller owns the list; negative when it failed.</summary>
    public delegate int Call<in T>(T parent, out nint* items, uint flags);

    /// <summary>How many there are.</summary>
    public int Count { get; }

    public static LibvirtList Of<T>(Call<T> call, T parent, uint flags, Func<nint, int> free, HostAddress address)
    {
        var count = call(parent, out var items, flags);
        return count < 0 ? throw LibvirtErrors.LastException(address) : new(items, count, free);
    }

    /// <summary>Reads what is kept with the pointers, so that no host is asked.</summary>
    public T[] Select<T>(Func<nint, T> read)
    {
        var results = new T[Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = read(_items[i]);
        }

        return results;
    }

    /// <summary>Asks the host about items of a list, one after the other: a connection carries one call at a time (ConnectionPool).</summary>
    public static T[] Ask<T>(IReadOnlyList<nint> items, Func<nint, T> read) => [.. items.Select(read)];

    /// <summary>Asks the host about every item.</summary>
    public T[] Ask<T>(Func<nint, T> read) => Ask(Select(item => item), read);

    /// <summary>Takes a description over; null where what it describes has gone since it was listed.</summary>
    public static string? TakeUnlessGone(byte* description, HostAddress address)
    {
        if (description != null)
        {
            return NativeText.Take(description);
        }

        var error = LibvirtErrors.Last();
        return error.Code is LibvirtErrorCode.NoDomain or LibvirtErrorCode.NoNetwork or LibvirtErrorCode.NoInterface or
            LibvirtErrorCode.NoNodeDevice or LibvirtErrorCode.NoStoragePool or LibvirtErrorCode.NoStorageVolume
            ? null
            : throw HypervisorErrors.Classify(error, address);
    }

    public void Dispose()
    {
        if (_items == null)
        {
            return;
        }

        for (var i = 0; i < Count; i++)
        {
            _ = _free(_items[i]);
        }

        NativeMemory.Free(_items);
        _items = null;
    }
}
