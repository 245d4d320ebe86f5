using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

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
