using System.Buffers.Binary;

namespace VirtMigrate.LabSupport;

/// <summary>What the lab's guest keeps in memory and on its disk, as <c>guest.c</c> and <c>disk.c</c> make it.</summary>
public static class GuestContent
{
    private const ulong WordStep = 0x9e3779b97f4a7c15;
    private const ulong DiskMagic = 0x6c61622d7265636f;

    /// <summary>A part of a page of the working set that stays the same, however often the page is written.</summary>
    /// <param name="page">The page's number.</param>
    /// <returns>Eight words from the second on.</returns>
    public static byte[] OfPage(int page)
    {
        var content = new byte[64];
        var word = Mix((ulong)page, 0);
        for (var i = 0; i < 8; i++)
        {
            word += WordStep;
            BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(i * 8), word);
        }

        return content;
    }

    /// <summary>The head of a record on the disk.</summary>
    /// <param name="number">The record's number.</param>
    /// <returns>Its mark, its number and its first word.</returns>
    public static byte[] OfRecord(int number)
    {
        var content = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(content, DiskMagic);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(8), (ulong)number);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(16), Mix((ulong)number, 2));
        return content;
    }

    private static ulong Mix(ulong a, ulong b)
    {
        var x = (a * 0x9e3779b97f4a7c15) + (b * 0xc2b2ae3d27d4eb4f) + 0x165667b19e3779f9;
        x ^= x >> 29;
        x *= 0xbf58476d1ce4e5b9;
        return x ^ (x >> 32);
    }
}
