namespace VirtMigrate.Migration.Options;

/// <summary>The libvirt types that values of migration options have (virTypedParameterType).</summary>
public enum MigrationValueType
{
    /// <summary>No value: a switch.</summary>
    None,

    /// <summary>VIR_TYPED_PARAM_INT.</summary>
    Number,

    /// <summary>VIR_TYPED_PARAM_ULLONG.</summary>
    LargeNumber,

    /// <summary>VIR_TYPED_PARAM_STRING.</summary>
    Text,

    /// <summary>VIR_TYPED_PARAM_STRING, given once for each value; virsh takes the values with commas between them.</summary>
    TextList,
}
