using System.Collections.ObjectModel;
using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>Shows the built-in migration policies, or reads policies from .psd1 files.</summary>
[Cmdlet(VerbsCommon.Get, "VmMigrationPolicy", DefaultParameterSetName = "Name")]
[OutputType(typeof(MigrationPolicy))]
public sealed class GetVmMigrationPolicyCommand : PSCmdlet
{
    /// <summary>The names of built-in policies, with wildcards; all of them when left out.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The files to read, with wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path", ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Path.Length == 0)
        {
            WriteAll(Name.SelectMany(Find));
            return;
        }

        foreach (var path in Path)
        {
            WriteAll(Expand(path).Select(file => (Func<MigrationPolicy>)(() => PolicyArgument.ReadFile(file))));
        }
    }

    private static IEnumerable<Func<MigrationPolicy>> Find(string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
        {
            return [() => PolicyArgument.Find(name)];
        }

        var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
        return MigrationPolicies.All.Where(p => pattern.IsMatch(p.Name)).Select(p => (Func<MigrationPolicy>)(() => p));
    }

    private Collection<string> Expand(string path) => WildcardPattern.ContainsWildcardCharacters(path)
        ? GetResolvedProviderPathFromPSPath(path, out _)
        : [GetUnresolvedProviderPathFromPSPath(path)];

    // One file's trouble is that file's only.
    private void WriteAll(IEnumerable<Func<MigrationPolicy>> policies)
    {
        foreach (var policy in policies)
        {
            try
            {
                WriteObject(policy());
            }
            catch (Exception e) when (ErrorRecordFactory.Knows(e))
            {
                WriteError(ErrorRecordFactory.Create(e, (e as MigrationException)?.Vm));
            }
        }
    }
}
