using System.Management.Automation;

namespace VirtMigrate.Progress;

/// <summary>Tells of the decisions over a migration as they are taken: all as verbose messages, those to change something as information records.</summary>
/// <param name="inner">Takes the progress itself.</param>
/// <param name="writeVerbose">Takes verbose messages; called from any thread.</param>
/// <param name="writeInformation">Takes information records; called from any thread.</param>
internal sealed class DecisionWriter(
    IProgress<MigrationProgress> inner, Action<string> writeVerbose, Action<InformationRecord> writeInformation) : IProgress<MigrationProgress>
{
    private const string Tag = "VirtMigrate";

    /// <inheritdoc/>
    public void Report(MigrationProgress value)
    {
        if (value.Decision is not { } decision)
        {
            inner.Report(value);
            return;
        }

        var text = $"{value.Vm}: {decision}";
        writeVerbose(text);

        // Also what was refused or left out: whoever counted on it should hear of it.
        if (decision.Action is not (MigrationAction.Continue or MigrationAction.SetOption))
        {
            var record = new InformationRecord(text, Tag);
            record.Tags.Add(Tag);
            writeInformation(record);
        }
    }
}
