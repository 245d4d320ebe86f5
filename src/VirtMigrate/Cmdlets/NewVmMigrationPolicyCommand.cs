using System.Collections;
using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Policies;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Makes a migration policy, checks all of it, and writes it to a .psd1 file where -Path is given.
/// </summary>
[Cmdlet(VerbsCommon.New, "VmMigrationPolicy", SupportsShouldProcess = true)]
[OutputType(typeof(MigrationPolicy))]
public sealed class NewVmMigrationPolicyCommand : PSCmdlet
{
    /// <summary>The policy's name.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>A policy to start from: a built-in's name, a file's path or an object. Other parameters override its values.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    public object? From { get; set; }

    /// <summary>What the policy is for, in a sentence.</summary>
    [Parameter]
    public string? Description { get; set; }

    /// <summary>Parameters of Start-VmMigration that it adds: <c>@{ AutoConverge = $true; AutoConvergeInitial = 40 }</c>. Replaces those of -From.</summary>
    [Parameter]
    public Hashtable? Options { get; set; }

    /// <summary>How many VMs move at once under it.</summary>
    [Parameter]
    public int ThrottleLimit { get; set; }

    /// <summary>The downtime that is allowed at first, in milliseconds.</summary>
    [Parameter]
    public double InitialMaxDowntime { get; set; }

    /// <summary>
    /// The steps in order: tables of AfterIterations (left out: at the next iteration), Action (SetMaxDowntime, PostCopy, Suspend, Abort)
    /// and MaxDowntime in milliseconds. Replaces those of -From.
    /// </summary>
    [Parameter]
    public object[]? Steps { get; set; }

    /// <summary>
    /// How a stall is recognised and ended: a table of Window and SwitchoverDeadline in seconds, Threshold, MinimumTolerance, WindowDecay,
    /// MaxDowntime in milliseconds, DowntimeFactor, RateSmoothing, AllowPostCopy and AllowSuspend. What is left out is as in -From.
    /// </summary>
    [Parameter]
    public Hashtable? StallDetection { get; set; }

    /// <summary>The time in seconds after which -OnTimeout is done.</summary>
    [Parameter]
    public double Timeout { get; set; }

    /// <summary>What is done at the timeout.</summary>
    [Parameter]
    public TimeoutAction OnTimeout { get; set; }

    /// <summary>The file to write; <c>.psd1</c> is added where it has no extension.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Overwrites an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            var policy = Make();
            if (Path is null || Write(policy, Path))
            {
                WriteObject(policy);
            }
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            ThrowTerminatingError(ErrorRecordFactory.Create(e, Name));
        }
    }

    private MigrationPolicy Make()
    {
        // The parameters are the keys of a file, so that both are read and checked by the same rules.
        var table = new Hashtable(StringComparer.OrdinalIgnoreCase);
        Add(nameof(Name), Name);
        Add(nameof(Description), Description);
        Add(nameof(Options), Options);
        Add(nameof(ThrottleLimit), ThrottleLimit);
        Add(nameof(InitialMaxDowntime), InitialMaxDowntime);
        Add(nameof(Steps), Steps?.Select(i => i is PSObject wrapped ? wrapped.BaseObject : i).ToArray());
        Add(nameof(StallDetection), StallDetection);
        Add(nameof(Timeout), Timeout);
        Add(nameof(OnTimeout), OnTimeout);
        return PolicyReader.Read(table, "the parameters", PolicyArgument.Resolve(From, SessionState.Path));

        void Add(string key, object? value)
        {
            if (MyInvocation.BoundParameters.ContainsKey(key))
            {
                table[key] = value;
            }
        }
    }

    // Nothing that can't be written is emitted as if it had been.
    private bool Write(MigrationPolicy policy, string given)
    {
        var path = GetUnresolvedProviderPathFromPSPath(System.IO.Path.HasExtension(given) ? given : given + PolicyArgument.Extension);
        if (!ShouldProcess(path, $"Write the migration policy {policy.Name}"))
        {
            return true;
        }

        if (File.Exists(path) && !Force)
        {
            WriteError(ErrorRecordFactory.PolicyFileExists(path));
            return false;
        }

        try
        {
            File.WriteAllText(path, PolicyFileWriter.Write(policy));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecordFactory.PolicyNotWritten(path, e));
            return false;
        }
    }
}
