using System.Text;

namespace Holdfast.Features.OAuth;

/// <summary>Names by which applications are known to each other and to us. They open nothing.</summary>
public static class ClientIds
{
    public const int Longest = 60;

    /// <summary>The page that registers one is at this address.</summary>
    private const string Reserved = "new";

    /// <summary>2 to 60 lower-case ASCII letters, digits and dashes.</summary>
    public static bool IsWellFormed(string? id) => id != Reserved && id is { Length: >= 2 and <= Longest } && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && id[0] != '-' && id[^1] != '-';

    /// <summary>"Tide calendar" → tide-calendar. Never empty.</summary>
    public static string From(string name)
    {
        var id = new StringBuilder();
        foreach (var c in name.Normalize(NormalizationForm.FormD).ToLowerInvariant())
        {
            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) id.Append(c);
            else if (!char.IsSurrogate(c) && System.Globalization.CharUnicodeInfo.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.NonSpacingMark && id.Length > 0 && id[^1] != '-') id.Append('-');
            if (id.Length == 40) break;
        }
        var text = id.ToString().Trim('-');
        return text.Length < 2 || text == Reserved ? "application" : text;
    }
}
