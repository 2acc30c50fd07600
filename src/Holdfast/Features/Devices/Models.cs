using System.Collections.Frozen;

namespace Holdfast.Features.Devices;

/// <summary>Which models' names are shown. "Pixel 8" helps a person; "SM-S918B" does not; and free text would let a stranger write into our pages and letters.</summary>
internal static class Models
{
    private static readonly FrozenSet<string> Makes = Set("Pixel", "Galaxy", "moto", "Redmi", "POCO", "OnePlus", "Nokia", "Xperia", "Nexus", "Fairphone", "Mi", "Xiaomi", "realme", "Nothing", "Quest");

    private static readonly FrozenSet<string> Words = Set("Pro", "XL", "Fold", "Ultra", "Plus", "Max", "Lite", "Mini", "Note", "Edge", "Tab", "Pad", "Tablet", "Phone", "Flip", "Power", "Play", "Stylus", "Neo", "Nord", "FE", "SE");

    /// <summary>A known make, then up to three words: known ones, or one to four letters and digits with a digit among them.</summary>
    public static bool IsKnownWell(string model)
    {
        var words = model.Split(' ');
        return words.Length is >= 2 and <= 4 && Makes.Contains(words[0]) && words.Skip(1).All(word => Words.Contains(word) || (word.Length is >= 1 and <= 4 && word.All(char.IsAsciiLetterOrDigit) && word.Any(char.IsAsciiDigit)));
    }

    private static FrozenSet<string> Set(params string[] words) => words.ToFrozenSet(StringComparer.Ordinal);
}
