using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using VirtMigrate.Hosts;

namespace VirtMigrate.Readiness;

/// <summary>What a check found.</summary>
internal sealed record Finding(ReadinessStatus Status, string Message)
{
    /// <summary>What to do about it.</summary>
    public string? Recommendation { get; init; }

    /// <summary>The message with which libvirt or QEMU would fail.</summary>
    public string? LibvirtError { get; init; }

    public IReadOnlyList<ReadinessEvidence> Evidence { get; init; } = [];

    /// <summary>Adds what was read (<paramref name="what"/>) from a host, or from this computer.</summary>
    public Finding Seen(string from, string what, object? value) =>
        this with { Evidence = [.. Evidence, new(from, what, value?.ToString() ?? "nothing")] };
}

/// <summary>
/// A text of a check, written as an interpolated string. Its values stay apart from its words until it is known what it is for: in advice
/// a <see cref="CommandWord"/> is quoted for the command that it stands in. A list becomes its members with commas between; a text takes
/// in another.
/// </summary>
[InterpolatedStringHandler]
internal sealed class FindingText
{
    private readonly List<(string? Words, object? Value)> _parts;

    public FindingText(int literalLength, int formattedCount) => _parts = new(Math.Min(literalLength, formattedCount + 1) + formattedCount);

    // Words with braces in them are put into a place as well, so that they stay as they are.
    private string Format => string.Concat(_parts.Select((p, i) => p.Words is { } words && !words.Contains('{') && !words.Contains('}')
        ? words
        : $"{{{i.ToString(CultureInfo.InvariantCulture)}}}"));

    private object?[] Values => [.. _parts.Select(p => p.Words ?? p.Value)];

    public void AppendLiteral(string value) => _parts.Add((value, null));

    public void AppendFormatted<T>(T value) =>
        _parts.Add((null, value is IEnumerable list and not string ? string.Join(", ", list.Cast<object?>()) : value));

    public void AppendFormatted(FindingText text) => _parts.AddRange(text._parts);

    public string ToAdvice() => AdviceText.Fill(Format, Values);

    /// <summary>The text as a message. Names keep their letters at the start of a sentence.</summary>
    public string ToMessage() => ToString() is var text && text.StartsWith(SocketProbe.ThisComputer, StringComparison.Ordinal)
        ? char.ToUpperInvariant(text[0]) + text[1..]
        : text;

    public override string ToString() => string.Format(CultureInfo.InvariantCulture, Format, Values);
}
