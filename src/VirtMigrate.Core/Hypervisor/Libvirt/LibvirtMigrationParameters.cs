using System.Globalization;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>The options of a migration as libvirt's typed parameters, freed by <see cref="Dispose"/>.</summary>
internal sealed unsafe class LibvirtMigrationParameters : IDisposable
{
    private NativeTypedParameter* _parameters;
    private int _count;
    private int _capacity;

    /// <summary>Turns options into parameters.</summary>
    /// <param name="options">The options.</param>
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

    /// <summary>The first parameter.</summary>
    public NativeTypedParameter* Pointer => _parameters;

    /// <summary>The number of parameters.</summary>
    public uint Count => (uint)_count;

    /// <inheritdoc/>
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
