namespace Holdfast.Features.Devices;

/// <summary>
/// Reads a list of strings with parameters, <c>"Chromium";v="142", "Google Chrome";v="142"</c> (RFC 9651 §3.1), or a single string. Tolerant: in place of the rule
/// to throw away the whole field, what is no string is skipped, since nothing depends on it but a name.
/// </summary>
internal static class HintList
{
    private const int MostItems = 12;

    /// <param name="header">Bounded by the caller; null is empty.</param>
    /// <returns>Text and value of the parameter v of each item, in order.</returns>
    public static IReadOnlyList<(string Text, string Version)> Items(string? header)
    {
        var items = new List<(string, string)>();
        var rest = header.AsSpan();
        while (items.Count < MostItems && TryString(ref rest, out var text))
        {
            var version = "";
            // Up to the comma that ends this item stand its parameters.
            while (rest.IndexOfAny(",\"") is var at and >= 0 && rest[at] == '"')
            {
                var name = rest[..at].Trim();
                rest = rest[at..];
                if (!TryString(ref rest, out var value)) break;
                if (name is [.., 'v', '='] && version.Length == 0) version = value;
            }
            var comma = rest.IndexOf(',');
            rest = comma < 0 ? [] : rest[(comma + 1)..];
            items.Add((text, version));
        }
        return items;
    }

    /// <summary>The next quoted string, with \" and \\ undone; what is before it is passed over.</summary>
    private static bool TryString(ref ReadOnlySpan<char> rest, out string text)
    {
        text = "";
        var open = rest.IndexOf('"');
        if (open < 0) return false;
        for (var at = open + 1; at < rest.Length; at++)
        {
            if (rest[at] == '\\') at++;
            else if (rest[at] == '"')
            {
                text = rest[(open + 1)..at].ToString().Replace("\\\"", "\"", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal);
                rest = rest[(at + 1)..];
                return true;
            }
        }
        rest = [];
        return false;
    }
}
