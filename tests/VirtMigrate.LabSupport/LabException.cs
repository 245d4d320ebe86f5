namespace VirtMigrate.LabSupport;

/// <summary>The lab did not do what was asked of it.</summary>
/// <param name="message">What it said.</param>
public sealed class LabException(string message) : Exception(message);
