using System.Text.RegularExpressions;
using Holdfast.Cli;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests;

/// <summary>What the documents say that can be checked by a machine.</summary>
public sealed partial class DocumentTests
{
    private const string Begin = "<!-- settings: begin -->\n";
    private const string End = "\n<!-- settings: end -->";

    private static readonly IReadOnlyList<(string Path, string Text)> Documents =
    [
        .. Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(path => (Path.GetRelativePath(Repository.Root, path), File.ReadAllText(path))),
    ];

    [Fact]
    public void The_README_lists_the_settings_that_are_read()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var (from, to) = (readme.IndexOf(Begin, StringComparison.Ordinal), readme.IndexOf(End, StringComparison.Ordinal));
        Assert.True(from > 0 && to > from, "README.md has lost the two comments around its table of settings.");
        Assert.True(readme[(from + Begin.Length)..to] == SettingsCommand.Markdown(),
            "The table of settings in README.md is not what the code reads. Put between its two comments what this prints: dotnet run --project src/Holdfast -- settings --markdown");
    }

    [Fact]
    public void Every_link_within_the_documents_leads_to_a_file()
    {
        Assert.True(Documents.Count >= 10);
        var broken = from document in Documents
                     from link in Link().Matches(Code().Replace(document.Text, "")).Select(m => m.Groups["to"].Value.Split('#')[0])
                     where link.Length > 0 && !Elsewhere().IsMatch(link) && !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(document.Path)!, Uri.UnescapeDataString(link)))
                     select $"{document.Path}: {link}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_source_file_that_the_documents_name_is_there()
    {
        var sources = new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)).Select(path => "/" + Path.GetRelativePath(Repository.Root, path)).ToList();
        // What somebody is yet to write is called Something.
        var missing = from document in Documents
                      from name in SourceFile().Matches(document.Text).Select(m => m.Groups["name"].Value)
                      where !name.Contains("Something", StringComparison.Ordinal) && !sources.Any(path => path.EndsWith("/" + name, StringComparison.Ordinal))
                      select $"{document.Path}: {name}";
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)|\b(src|href)=""(?<to>[^""]+)""|^\[[^\]]+\]: (?<to>\S+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 5000)]
    private static partial Regex Link();

    /// <summary>Code may look like a link.</summary>
    [GeneratedRegex("^```.*?^```|`[^`\n]*`", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, 5000)]
    private static partial Regex Code();

    [GeneratedRegex("`(?<name>[A-Za-z0-9_][A-Za-z0-9_./]*\\.cs)`", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex SourceFile();

    [GeneratedRegex("^(https?|mailto):", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Elsewhere();
}
