using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using VirtMigrate.Hosts;

namespace VirtMigrate.Libvirt.Native;

/// <summary>virError.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeError
{
    public readonly int Code;
    public readonly int Domain;
    public readonly nint Message;
    public readonly int Level;
    public readonly nint Connection;
    public readonly nint DomainObject;
    public readonly nint Text1;
    public readonly nint Text2;
    public readonly nint Text3;
    public readonly int Number1;
    public readonly int Number2;
    public readonly nint Network;
}

/// <summary>virNodeInfo.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeNodeInfo
{
    public fixed byte Model[32];
    public CULong Memory;
    public uint Cpus;
    public uint Megahertz;
    public uint Nodes;
    public uint Sockets;
    public uint Cores;
    public uint Threads;
}

/// <summary>virDomainInfo.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeDomainInfo
{
    public byte State;
    public CULong MaxMemory;
    public CULong Memory;
    public ushort VCpus;
    public ulong CpuTime;
}

/// <summary>virDomainControlInfo.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeControlInfo
{
    public uint State;
    public uint Details;
    public ulong StateTime;
}

/// <summary>virDomainBlockJobInfo.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeBlockJobInfo
{
    public int Type;
    public CULong Bandwidth;
    public ulong Position;
    public ulong End;
}

/// <summary>virNodeMemoryStats.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMemoryStatistic
{
    public fixed byte Field[80];
    public ulong Value;
}

/// <summary>virDomainStatsRecord.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeStatisticsRecord
{
    public readonly nint Domain;
    public readonly nint Parameters;
    public readonly int Count;
}

/// <summary>virConnectCredential.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeCredential
{
    public int Type;
    public nint Prompt;
    public nint Challenge;
    public nint Default;
    public nint Result;
    public uint ResultLength;
}

/// <summary>virConnectAuth.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeAuthentication
{
    public int* CredentialTypes;
    public uint CredentialTypeCount;
    public delegate* unmanaged<NativeCredential*, uint, nint, int> Callback;
    public nint Data;
}

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

    /// <summary>Copies parameters, which libvirt frees.</summary>
    public static IReadOnlyList<TypedParameter> Copy(ReadOnlySpan<NativeTypedParameter> parameters)
    {
        var copies = new TypedParameter[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            copies[i] = new(parameters[i].ToString(), parameters[i].Number, parameters[i].Text);
        }

        return copies;
    }

    /// <summary>Whether the parameter has this name, in UTF-8.</summary>
    public readonly bool Is(ReadOnlySpan<byte> name)
    {
        var span = MemoryMarshal.CreateReadOnlySpan(in _field[0], 80);
        return span.StartsWith(name) && span[name.Length] == 0;
    }

    /// <summary>The name, for messages.</summary>
    public override readonly string ToString() => Encoding.UTF8.GetString(Field);
}
