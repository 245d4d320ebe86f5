using System.Management.Automation;

namespace VirtMigrate.Shell.Prompts;

/// <summary>A user name, unless it is known, and a password that isn't shown.</summary>
internal sealed class CredentialPrompt(Questioner questioner)
{
    public PSCredential Ask(string? caption, string? message, string? userName)
    {
        questioner.WriteHeading(caption, message, "a credential");
        var user = userName;
        while (string.IsNullOrEmpty(user))
        {
            questioner.Write("User: ");
            user = questioner.ReadLine("a user name").Trim();
        }

        questioner.Write($"Password for user {user}: ");
        return new PSCredential(user, questioner.ReadSecret($"the password of {user}"));
    }
}
