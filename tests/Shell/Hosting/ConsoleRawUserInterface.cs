using System.Management.Automation.Host;
using VirtMigrate.Shell.Prompts;
using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell.Hosting;

/// <summary>Sizes and keys. What needs a screen buffer is not offered: a terminal has none to read.</summary>
internal sealed class ConsoleRawUserInterface(Questioner questioner) : PSHostRawUserInterface
{
    // The formatter asks for the buffer's width, and nothing else here has a meaning on a terminal.
    public override Size BufferSize { get => WindowSize; set => throw NotOffered(); }

    public override Size WindowSize { get => new(TerminalTraits.Width, TerminalTraits.Height); set => throw NotOffered(); }

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override Coordinates CursorPosition { get => throw NotOffered(); set => throw NotOffered(); }

    public override Coordinates WindowPosition { get => default; set => throw NotOffered(); }

    public override int CursorSize { get; set; } = 25;

    public override bool KeyAvailable => InputReader.IsTerminal && Console.KeyAvailable;

    public override string WindowTitle { get; set; } = "VirtMigrate.Shell";

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        questioner.RequireInteraction("a key");
        var key = Console.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
        return new KeyInfo((int)key.Key, key.KeyChar, default, keyDown: true);
    }

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw NotOffered();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw NotOffered();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw NotOffered();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw NotOffered();

    private static PlatformNotSupportedException NotOffered() => new("This console has no screen buffer.");
}
