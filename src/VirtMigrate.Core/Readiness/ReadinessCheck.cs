using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// One reason for which migrations fail, looked for before anything moves. Each check is a class of its own, with all of its texts in it;
/// its id is the class's name without the last word.
/// </summary>
internal abstract class ReadinessCheck
{
    /// <summary>Every class of this assembly that is a check, by category and id.</summary>
    public static IReadOnlyList<ReadinessCheck> All { get; } =
    [
        .. typeof(ReadinessCheck).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(ReadinessCheck)))
            .Select(t => (ReadinessCheck)Activator.CreateInstance(t)!)
            .OrderBy(c => c.Category).ThenBy(c => c.Id, StringComparer.Ordinal),
    ];

    public string Id => GetType().Name[..^"Check".Length];

    public abstract ReadinessCategory Category { get; }

    /// <summary>What it looks at, in a sentence for the documentation.</summary>
    public abstract string Subject { get; }

    /// <summary>Whether Start-VmMigration makes it as well: it is done in a few calls, and disturbs nobody.</summary>
    public virtual bool IsQuick => true;

    /// <summary>Whether what it looks at can be another within minutes, so that it is made again when a migration starts from a report.</summary>
    public virtual bool CanChange => false;

    /// <summary>
    /// Whether it keeps data from being lost: another VM's, or the VM's own. Start-VmMigration always makes such a check, at the moment of
    /// the move too, whatever it is told to skip, and what such a check can't tell is an obstacle. Only an option made for that one danger,
    /// such as -Overwrite, goes past it.
    /// </summary>
    public virtual bool ProtectsData => false;

    /// <summary>Whether a text is the id of a check, or stands for all.</summary>
    public static bool IsKnown(string id) => string.Equals(id, ReadinessSelection.All, StringComparison.OrdinalIgnoreCase) || Find(id) is not null;

    /// <summary>The check of an id, in any case; null where there is none.</summary>
    public static ReadinessCheck? Find(string id) => All.FirstOrDefault(c => string.Equals(c.Id, id, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it is made.</summary>
    public bool IsIncluded(ReadinessSelection selection) =>
        (selection.Categories.Count == 0 || selection.Categories.Contains(Category)) && (IsQuick || !selection.QuickOnly) && !IsSkipped(selection);

    /// <summary>Whether it is left out on request. One that protects data never is.</summary>
    public bool IsSkipped(ReadinessSelection selection) => !ProtectsData &&
        (selection.Skip.Contains(ReadinessSelection.All, StringComparer.OrdinalIgnoreCase) || selection.Skip.Contains(Id, StringComparer.OrdinalIgnoreCase));

    /// <summary>Makes the check.</summary>
    /// <exception cref="HypervisorException">A host can't tell; the check then counts as not verified.</exception>
    public abstract Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken);

    /// <summary>Makes the check, and says so where a host does not tell or the check itself breaks: it ends no other.</summary>
    public async Task<VmMigrationCheck> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            return ToResult(await Task.Run(() => CheckAsync(context, cancellationToken), cancellationToken).ConfigureAwait(false));
        }
        catch (HypervisorException e)
        {
            return ToResult(new(ReadinessStatus.NotVerified, $"This could not be checked: {e.Message}")
            {
                Evidence = [new(e.Host?.ToString() ?? "libvirt", "error", e.Message)],
            });
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return ToResult(new(
                ReadinessStatus.NotVerified, $"The check itself failed, which is a bug in VirtMigrate ({e.GetType().Name}: {e.Message}).")
            {
                Recommendation = "Report it with the check's property Defect. Until it is fixed, check this manually.",
            }) with
            {
                Defect = e.ToString(),
            };
        }
    }

    internal VmMigrationCheck ToResult(Finding finding) => new()
    {
        Id = Id,
        Category = Category,
        ProtectsData = ProtectsData,
        Status = finding.Status,
        Message = finding.Message,
        Evidence = finding.Evidence,
        Recommendation = finding.Recommendation,
        LibvirtError = finding.LibvirtError,
    };

    /// <summary>Nothing stands in the way.</summary>
    protected static Finding Passed(FindingText text, FindingText? advice = null) => Make(ReadinessStatus.Passed, text, advice, null);

    /// <summary>The VM, or its migration, has nothing that the check is about.</summary>
    protected static Finding NotApplicable(FindingText text) => Make(ReadinessStatus.NotApplicable, text, null, null);

    /// <summary>Something deserves attention.</summary>
    protected static Finding Warning(FindingText text, FindingText advice, FindingText? libvirt = null) =>
        Make(ReadinessStatus.Warning, text, advice, libvirt);

    /// <summary>The migration would fail, with the message of libvirt or QEMU where it is known.</summary>
    protected static Finding Failed(FindingText text, FindingText advice, FindingText? libvirt = null) =>
        Make(ReadinessStatus.Failed, text, advice, libvirt);

    /// <summary>It can't be looked at from here.</summary>
    protected static Finding NotVerified(FindingText text, FindingText advice, FindingText? libvirt = null) =>
        Make(ReadinessStatus.NotVerified, text, advice, libvirt);

    /// <summary>Names as messages list them: each in quotes.</summary>
    protected static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));

    private static Finding Make(ReadinessStatus status, FindingText text, FindingText? advice, FindingText? libvirt) =>
        new(status, text.ToMessage()) { Recommendation = advice?.ToAdvice(), LibvirtError = libvirt?.ToString() };
}
