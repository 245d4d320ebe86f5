namespace VirtMigrate.LabSupport;

/// <summary>The lab did not do what was asked of it.</summary>
/// <param name="message">What it said.</param>
/// <param name="inner">What came before; null for nothing.</param>
public sealed class LabException(string message, Exception? inner = null) : Exception(message, inner);
