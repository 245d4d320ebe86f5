using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>virTypedParameter: one named value among libvirt's statistics and migration parameters.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTypedParameter
{
    private fixed byte _field[80];
    private readonly int _type;
    private readonly ulong _value;

    /// <summary>The parameter's name.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Field
    {
        get
        {
            var span = MemoryMarshal.CreateReadOnlySpan(in _field[0], 80);
            var end = span.IndexOf((byte)0);
            return end < 0 ? span : span[..end];
        }
    }

    /// <summary>The value as an integer, whatever its width; null for texts and fractions.</summary>
    public readonly long? Number => _type switch
    {
        TypeInt => (int)_value,
        TypeUInt => (uint)_value,
        TypeLong => (long)_value,

        // No figure of a host is so large in earnest; as a negative one it would be a wrong one of another kind.
        TypeULong => (long)Math.Min(_value, long.MaxValue),
        TypeBoolean => (byte)_value,
        _ => null,
    };

    /// <summary>The value as a text; null for numbers.</summary>
    public readonly string? Text => _type == TypeString ? Marshal.PtrToStringUTF8((nint)_value) : null;

    private const int TypeInt = 1;
    private const int TypeUInt = 2;
    private const int TypeLong = 3;
    private const int TypeULong = 4;
    private const int TypeBoolean = 6;
    private const int TypeString = 7;

    /// <summary>Copies parameters, which libvirt frees, for those who read them whichever transport brought them.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <returns>Their names and values.</returns>
    public static IReadOnlyList<TypedParameter> Copy(ReadOnlySpan<NativeTypedParameter> parameters)
    {
        var statistics = new TypedParameter[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            statistics[i] = new(parameters[i].ToString(), parameters[i].Number, parameters[i].Text);
        }

        return statistics;
    }

    /// <summary>Whether the parameter has this name.</summary>
    /// <param name="name">The name in UTF-8.</param>
    /// <returns>True when it has.</returns>
    public readonly bool Is(ReadOnlySpan<byte> name)
    {
        var span = MemoryMarshal.CreateReadOnlySpan(in _field[0], 80);
        return span.StartsWith(name) && span[name.Length] == 0;
    }

    /// <summary>The name, for messages.</summary>
    /// <returns>The name.</returns>
    public override readonly string ToString() => Encoding.UTF8.GetString(Field);
}
