using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell.Prompts;

/// <summary>Asks and reads answers; fails, rather than hangs, where nobody can answer.</summary>
internal sealed class Questioner(Screen screen, Interruption interruption, bool nonInteractive)
{
    public void Write(string text) => screen.Write(text);

    public void WriteLine(string text) => screen.Write(text + Environment.NewLine);

    /// <summary>Writes the heading of a question, of which either part may be empty.</summary>
    public void WriteHeading(string? caption, string? message, string subject)
    {
        RequireInteraction(subject);
        foreach (var line in new[] { caption, message })
        {
            if (!string.IsNullOrEmpty(line))
            {
                WriteLine(line);
            }
        }
    }

    public string ReadLine(string subject) => Read(subject, InputReader.ReadLine);

    public SecureString ReadSecret(string subject)
    {
        var secret = new SecureString();
        foreach (var character in Read(subject, InputReader.ReadSecretLine))
        {
            secret.AppendChar(character);
        }

        // The line end that was typed has not been shown.
        WriteLine("");
        return secret;
    }

    public void RequireInteraction(string subject)
    {
        if (nonInteractive)
        {
            throw Unanswerable(subject, "this host is non-interactive (-NonInteractive)");
        }
    }

    private static HostException Unanswerable(string subject, string reason) => new(
        $"Cannot ask for {subject}: {reason}. Give the value as a parameter, or -Confirm:$false where a confirmation is asked for.",
        innerException: null,
        "HostIsNonInteractive",
        ErrorCategory.InvalidOperation);

    private string Read(string subject, Func<CancellationToken, string?> read)
    {
        RequireInteraction(subject);
        screen.SuspendPane();
        try
        {
            return read(interruption.Token) ?? throw Unanswerable(subject, "standard input has ended");
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            screen.ResumePane();
        }
    }
}
