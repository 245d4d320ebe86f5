namespace VirtMigrate.Hypervisor.Processes;

/// <summary>
/// Quotes words, so that whatever is in them is read back as it was and as nothing else: by POSIX shells, by fish, which may be
/// somebody's login shell, and by virsh, whose command line has a syntax of its own.
/// </summary>
public static class ShellWord
{
    /// <summary>Quotes one word, where it needs quotes.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The word as all of them read it back. A NUL, which no command line can hold, stays as it is.</returns>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);

        // In single quotes nothing has a meaning, but a single quote to all of them and a backslash to fish; in double quotes these two
        // mean the same everywhere. zsh looks up what a word names that begins with an equals sign.
        return word.Length > 0 && word[0] != '=' && word.All(IsPlain)
            ? word
            : $"'{string.Concat(word.Select(Escape))}'";
    }

    /// <summary>Quotes words and puts them into one line.</summary>
    /// <param name="words">The words.</param>
    /// <returns>The line.</returns>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Escape(char c) => c switch
    {
        '\'' => "'\"'\"'",
        '\\' => "'\"\\\\\"'",
        _ => c.ToString(),
    };

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || "-_./:@+=,".Contains(c, StringComparison.Ordinal);
}
