using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt.Readers;

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

    /// <summary>A function of libvirt that lists.</summary>
    /// <typeparam name="T">What it lists from.</typeparam>
    /// <param name="parent">What it lists from.</param>
    /// <param name="items">The list; the caller owns it.</param>
    /// <param name="flags">The function's flags.</param>
    /// <returns>The number of items; negative when it failed.</returns>
    public delegate int Call<in T>(T parent, out nint* items, uint flags);

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Lists.</summary>
    /// <typeparam name="T">What is listed from.</typeparam>
    /// <param name="call">Libvirt's function.</param>
    /// <param name="parent">What is listed from.</param>
    /// <param name="flags">The function's flags.</param>
    /// <param name="free">Frees an item.</param>
    /// <param name="address">The host.</param>
    /// <returns>The list.</returns>
    public static LibvirtList Of<T>(Call<T> call, T parent, uint flags, Func<nint, int> free, HostAddress address)
    {
        var count = call(parent, out var items, flags);
        return count < 0 ? throw LibvirtErrors.LastException(address) : new(items, count, free);
    }

    /// <summary>Reads what is kept with the pointers, so that no host is asked.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="read">Reads it of one item.</param>
    /// <returns>What was read, in the list's order.</returns>
    public T[] Select<T>(Func<nint, T> read)
    {
        var results = new T[Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = read(_items[i]);
        }

        return results;
    }

    /// <summary>Asks the host about items.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="items">The items; they are this list's.</param>
    /// <param name="read">Asks about one item.</param>
    /// <returns>What was read, in the items' order.</returns>
    public static T[] Ask<T>(IReadOnlyList<nint> items, Func<nint, T> read)
    {
        // One after the other: a connection carries one call at a time (CallLanes).
        var results = new T[items.Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = read(items[i]);
        }

        return results;
    }

    /// <summary>Asks the host about every item.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="read">Asks about one item.</param>
    /// <returns>What was read, in the list's order.</returns>
    public T[] Ask<T>(Func<nint, T> read) => Ask(Select(item => item), read);

    /// <summary>Takes a description over.</summary>
    /// <param name="description">What libvirt gave.</param>
    /// <param name="address">The host.</param>
    /// <returns>The description; null where what it describes has gone since it was listed.</returns>
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

    /// <inheritdoc/>
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
