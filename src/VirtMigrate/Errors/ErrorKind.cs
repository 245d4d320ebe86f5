using System.Management.Automation;

namespace VirtMigrate.Errors;

/// <summary>A kind of error as scripts tell it from others.</summary>
/// <param name="Id">The id, which is also the name of its message; the advice is named <c>Id_Action</c>.</param>
/// <param name="Category">PowerShell's category.</param>
internal sealed record ErrorKind(string Id, ErrorCategory Category);
