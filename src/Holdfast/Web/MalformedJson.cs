using System.Text.Json;
using System.Text.RegularExpressions;

namespace Holdfast.Web;

/// <summary>Says what is wrong with a JSON body, by the property it is wrong at, as the form does by its field.</summary>
internal static partial class MalformedJson
{
    /// <returns>
    /// <c>request.malformed</c> (400); where it can be told, with <c>request.missing</c> at each property that is not there, <c>request.unknown</c> or <c>request.wrong_type</c> at the one that is wrong.
    /// </returns>
    public static Refusal Say(Exception? error) => new("request.malformed", 400) { All = [.. error is JsonException json ? Properties(json) : []] };

    private static IEnumerable<Refusal> Properties(JsonException json)
    {
        // The reader puts the names into its sentence alone. Where it says it in other words one day, no property is named.
        if (json.Message.Split("missing required properties", 2) is [_, var names])
        {
            return Quoted().Matches(names).Select(m => m.Groups["name"].Value).Where(IsName).Distinct(StringComparer.Ordinal).Select(name => new Refusal("request.missing", 400, name));
        }
        if (json.Path is not { } path || !path.StartsWith("$.", StringComparison.Ordinal) || !IsName(path[2..])) return [];
        var name = path[2..];
        if (json.Message.Contains("could not be mapped", StringComparison.Ordinal)) return [new Refusal("request.unknown", 400, name)];
        return json.Message.StartsWith("The JSON value", StringComparison.Ordinal) || json.Message.Contains("allow null", StringComparison.Ordinal) ? [new Refusal("request.wrong_type", 400, name)] : [];
    }

    /// <summary>A name that somebody sent is repeated only when it is one that we could have.</summary>
    private static bool IsName(string name) => name.Length is > 0 and <= 40 && char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit);

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();
}
