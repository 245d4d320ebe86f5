using System.Collections.Concurrent;
using System.Globalization;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Options;

namespace VirtMigrate.Libvirt;

/// <summary>
/// Connections to one host that are used by one migration at a time and kept for the next.
/// </summary>
/// <remarks>
/// A connection carries calls of several threads, but one of those that wait reads for all the others and has to be woken
/// for each new call. Libvirt 9.0 was seen to miss that, so that a look at a migration waited for the migration's end. With
/// the long call on a connection of its own, neither a look nor an abort can wait behind it.
/// </remarks>
internal sealed class LibvirtMigrationConnections(HostAddress address, HostCredential? credential) : IDisposable
{
    private readonly ConcurrentBag<ConnectionHandle> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Gives a connection that nobody else uses, until the lease is disposed of. Blocks while a new one opens.</summary>
    public Lease Rent()
    {
        while (_idle.TryTake(out var idle))
        {
            if (NativeMethods.ConnectIsAlive(idle) == 1)
            {
                return new(this, idle);
            }

            Close(idle);
        }

        return new(this, LibvirtConnector.Open(address, credential));
    }

    /// <summary>Closes the idle connections; those in use are closed when they come back.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var idle))
        {
            Close(idle);
        }
    }

    // Closing says good-bye to the host, and nobody waits for one that does not answer.
    private void Close(ConnectionHandle connection) => NativeCall.Start(
        address,
        _ =>
        {
            connection.Dispose();
            return true;
        },
        HostDeadlines.Close,
        TimeProvider.System,
        isBounded: false);

    private void Return(ConnectionHandle connection)
    {
        if (_isDisposed)
        {
            Close(connection);
        }
        else
        {
            _idle.Add(connection);
        }
    }

    /// <summary>The use of one connection.</summary>
    internal sealed class Lease(LibvirtMigrationConnections owner, ConnectionHandle connection) : IDisposable
    {
        public ConnectionHandle Connection => connection;

        public void Dispose() => owner.Return(connection);
    }
}

/// <summary>The options of a migration as libvirt's typed parameters, freed by <see cref="Dispose"/>.</summary>
internal sealed unsafe class LibvirtMigrationParameters : IDisposable
{
    private NativeTypedParameter* _parameters;
    private int _count;
    private int _capacity;

    public LibvirtMigrationParameters(MigrationOptionSet options)
    {
        foreach (var (option, value) in options.Enabled)
        {
            if (option.TypedParameter is not { } name)
            {
                continue;
            }

            var encoded = option.Encode(value);
            foreach (var single in encoded as IEnumerable<object> ?? [encoded])
            {
                Add(name, option.ValueType, single);
            }
        }
    }

    public NativeTypedParameter* Pointer => _parameters;

    public uint Count => (uint)_count;

    public void Dispose()
    {
        if (_parameters != null)
        {
            NativeMethods.TypedParamsFree(_parameters, _count);
            _parameters = null;
        }
    }

    private void Add(string name, MigrationValueType type, object value)
    {
        if (AddSingle(name, type, value) < 0)
        {
            throw new HypervisorException(LibvirtErrors.Last());
        }
    }

    private int AddSingle(string name, MigrationValueType type, object value) => type switch
    {
        MigrationValueType.Number => NativeMethods.TypedParamsAddInt(ref _parameters, ref _count, ref _capacity, name,
            Convert.ToInt32(value, CultureInfo.InvariantCulture)),
        MigrationValueType.LargeNumber => NativeMethods.TypedParamsAddULLong(ref _parameters, ref _count, ref _capacity, name,
            Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
        MigrationValueType.Text or MigrationValueType.TextList => NativeMethods.TypedParamsAddString(
            ref _parameters, ref _count, ref _capacity, name, (string)value),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "An option with a typed parameter has a type."),
    };
}
