using System.Text.RegularExpressions;
using System.Xml.Linq;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Xunit;

namespace Holdfast.Tests.Texts;

/// <summary>The files of texts side by side. Their failures name the keys, so that whoever adds a text knows what is left to translate (docs/guides/translating.md).</summary>
public sealed partial class TranslationTests
{
    /// <summary>The command line speaks English alone.</summary>
    private const string CommandLine = "cli.";

    /// <summary>What reads the same in both languages. Anything else that does was forgotten.</summary>
    private static readonly string[] Same =
        ["Password", "Passkey", "Account", "Admin", "Browser", "File", "No", "Auto", "SHA-256", "Discovery", "tablet", "computer", "{0} app", "{0} passkey", "{1}, {0} KB", "{0} h {1} min", "{0} (UTC)",
            "{0:d MMMM yyyy, HH:mm} (UTC)", "{0:d MMMM yyyy, HH:mm} (UTC{1})", "HH:mm", "d MMMM", "d MMMM yyyy", "d MMMM yyyy, HH:mm", "d MMM, HH:mm", "San Marino", "{0} s", "Webhook", "CSV", "d MMM"];

    /// <summary>Typed as it stands.</summary>
    private const string Command = "holdfast account reset-two-factor";

    /// <summary>Keys that end like a plural and count nothing.</summary>
    private static readonly string[] NoCount = ["letter.deletion.reminders.one", "cli.doctor.keys.other"];

    public static TheoryData<string> Others => [.. Text.Languages.Where(language => language != "en")];

    private static readonly Dictionary<string, string> English = Read("Text.resx");

    [Fact]
    public void Each_language_that_is_offered_has_its_file_and_each_file_is_offered()
    {
        var files = Directory.GetFiles(Folder, "Text.*.resx").Select(path => Path.GetFileName(path).Split('.')[1]);
        Assert.Equal(Text.Languages.Where(language => language != "en").Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Others))]
    public void No_text_is_without_translation_and_none_is_left_over(string language)
    {
        var texts = Read($"Text.{language}.resx");
        Assert.Empty(Meant().Keys.Except(texts.Keys, StringComparer.Ordinal));
        Assert.Empty(texts.Keys.Except(Meant().Keys, StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Others))]
    public void A_translation_has_the_same_places_to_fill_in(string language)
    {
        var texts = Read($"Text.{language}.resx");
        Assert.Empty(texts.Where(pair => English.TryGetValue(pair.Key, out var english) && !Places(english).SetEquals(Places(pair.Value))).Select(pair => $"{pair.Key}: {pair.Value}"));
        static HashSet<string> Places(string text) => [.. Place().Matches(text).Select(m => m.Value)];
    }

    [Theory, MemberData(nameof(Others))]
    public void A_translation_says_something_else_than_the_English_text(string language)
    {
        var texts = Read($"Text.{language}.resx");
        Assert.Empty(texts.Where(pair => English.GetValueOrDefault(pair.Key) == pair.Value && Word().IsMatch(Place().Replace(pair.Value, "")) && !Same.Contains(pair.Value, StringComparer.Ordinal)).Select(pair => $"{pair.Key}: {pair.Value}"));
    }

    [Theory, MemberData(nameof(Others))]
    public void A_translation_ends_and_is_quoted_as_the_English_text_is(string language)
    {
        var texts = Read($"Text.{language}.resx").Where(pair => English.ContainsKey(pair.Key)).ToList();
        Assert.Empty(texts.Where(pair => End(pair.Value) != End(English[pair.Key])).Select(pair => $"{pair.Key}: {pair.Value}"));
        // Typewriter quotes and apostrophes have no place in print; a space too many shows in letters.
        Assert.Empty(texts.Where(pair => pair.Value.AsSpan().IndexOfAny("'\"") >= 0 || (pair.Value.Contains("  ", StringComparison.Ordinal) && !pair.Value.Contains('\n', StringComparison.Ordinal))).Select(pair => $"{pair.Key}: {pair.Value}"));
        static char End(string text) => text.TrimEnd() is { Length: > 0 } said && said[^1] is '.' or ':' or '?' or ',' ? text.TrimEnd()[^1] : ' ';
    }

    [Fact]
    public void Whatever_counts_has_both_forms_in_every_language()
    {
        foreach (var language in Text.Languages)
        {
            var texts = Read(language == "en" ? "Text.resx" : $"Text.{language}.resx");
            var halves = texts.Keys.Where(key => (key.EndsWith(".one", StringComparison.Ordinal) && !texts.ContainsKey(key[..^3] + "other")) || (key.EndsWith(".other", StringComparison.Ordinal) && texts[key].Contains("{0}", StringComparison.Ordinal) && !texts.ContainsKey(key[..^5] + "one")));
            Assert.Empty(halves.Except(NoCount, StringComparer.Ordinal));
        }
    }

    /// <summary>The typed word is compared letter by letter, so it is the same in every language.</summary>
    [Theory, MemberData(nameof(Others))]
    public void The_word_that_deletes_an_account_is_not_translated(string language) => Assert.Contains("DELETE", Read($"Text.{language}.resx")["refusal.deletion.confirm"], StringComparison.Ordinal);

    [Fact]
    public void No_page_has_words_of_its_own()
    {
        var own = Sources("*.cshtml").SelectMany(page => Between().Matches(Comment().Replace(page.Text, "")).Select(m => m.Groups["words"].Value.Trim()).Where(words => Words().IsMatch(words) && !Code().IsMatch(words) && words != Command).Select(words => $"{page.Path}: {words}"));
        Assert.Empty(own);
        Assert.Empty(Sources("*.cshtml").SelectMany(page => Attribute().Matches(page.Text).Select(m => $"{page.Path}: {m.Value}")));
    }

    [Fact]
    public void No_letter_has_words_of_its_own()
    {
        var own = Sources("*Letter*.cs").Where(file => !file.Path.Contains("/Demo/", StringComparison.Ordinal) && Path.GetFileName(file.Path) is not ("LetterHtml.cs" or "SendLetters.cs"))
            .SelectMany(file => file.Text.Split('\n').Where(line => !line.Contains("Exception(", StringComparison.Ordinal))
                .SelectMany(line => Literal().Matches(Remark().Replace(line, "")).Select(m => m.Value).Where(words => Sentence().IsMatch(words)).Select(words => $"{file.Path}: {words}")));
        Assert.Empty(own);
    }

    private static Dictionary<string, string> Meant() => English.Where(pair => !pair.Key.StartsWith(CommandLine, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);

    private static string Folder => Path.Combine(Repository.Root, "src/Holdfast/Texts");

    private static Dictionary<string, string> Read(string file) =>
        XDocument.Load(Path.Combine(Folder, file)).Root!.Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value, StringComparer.Ordinal);

    private static IEnumerable<(string Path, string Text)> Sources(string pattern) => Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Holdfast"), pattern, SearchOption.AllDirectories)
        .Where(path => !path.Split('/').Any(part => part is "obj" or "bin")).Select(path => (Path.GetRelativePath(Repository.Root, path), File.ReadAllText(path)));

    [GeneratedRegex(@"\{\d+[^}]*\}", RegexOptions.None, 5000)]
    private static partial Regex Place();

    [GeneratedRegex(@"\p{L}{2,}", RegexOptions.None, 5000)]
    private static partial Regex Word();

    [GeneratedRegex(@"@\*.*?\*@|<!--.*?-->", RegexOptions.Singleline, 5000)]
    private static partial Regex Comment();

    [GeneratedRegex(">(?<words>[^<>@]+)<", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Between();

    [GeneratedRegex(@"\p{L}{2,} \p{L}{2,}", RegexOptions.None, 5000)]
    private static partial Regex Words();

    [GeneratedRegex(@"[{}()\[\]=;|&_]", RegexOptions.None, 5000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\b(aria-label|title|placeholder|alt|data-copied|data-wait-over)=""[A-Za-z][^""@]*""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"//.*", RegexOptions.None, 5000)]
    private static partial Regex Remark();

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""", RegexOptions.None, 5000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"\p{Ll}{2,} \p{Ll}{2,}", RegexOptions.None, 5000)]
    private static partial Regex Sentence();
}
