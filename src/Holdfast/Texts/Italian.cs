using System.Globalization;
using System.Text.RegularExpressions;

namespace Holdfast.Texts;

/// <summary>What Italian does where a text and what is put into it meet: an article loses its vowel before the 8th and the 11th of a month, whose names begin with one ("l’8 marzo", "dall’11 aprile").</summary>
internal static partial class Italian
{
    /// <param name="text">Not filled in yet, such as "Sarà eliminato il {0}".</param>
    /// <param name="args">What is filled in. Only dates in words count.</param>
    public static string Elide(string text, object?[] args) => !text.Contains("l {", StringComparison.Ordinal) ? text : Article().Replace(text, found =>
    {
        var place = int.Parse(found.Groups["place"].ValueSpan, CultureInfo.InvariantCulture);
        if (place >= args.Length || args[place] is not string day || !(day.StartsWith("8 ", StringComparison.Ordinal) || day.StartsWith("11 ", StringComparison.Ordinal))) return found.Value;
        var article = found.Groups["article"].Value switch { "il" => "l", "Il" => "L", var other => other + "l" };
        return $"{article}\u2019{{{place}}}";
    });

    [GeneratedRegex(@"\b(?<article>[Ii]l|[Aa]l|[Dd]al|[Dd]el) \{(?<place>[0-9])\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Article();
}
