using System.Globalization;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Holdfast.Features.Demo;
using Holdfast.Mail;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Texts;

/// <summary>
/// In a language that only this test speaks every text stands between marks. So what people read and does not stand between marks came from somewhere else: it is either
/// data, or words that nobody can translate.
/// </summary>
public sealed partial class EveryTextTests
{
    private const string Language = "zz";

    static EveryTextTests() => Text.Teach(Language, new Text(CultureInfo.GetCultureInfo("en")) { Marked = said => $"⟦{said}⟧" });

    /// <summary>What the example puts into the tables: names, reasons, answers of other systems. And names that are the same in every language.</summary>
    private static readonly IReadOnlyList<string> Data =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Holdfast/Features/Demo"), "*.cs").SelectMany(path => Literal().Matches(File.ReadAllText(path)).Select(m => m.Groups["data"].Value))
            .Where(data => data.Length > 3 && data.Any(c => char.IsUpper(c) || char.IsDigit(c))).Concat(["Quayside", "Holdfast", "Mara Lindqvist", "Tomas Figueira", "CSV", "HTML", "UTC"]).Distinct(StringComparer.Ordinal).OrderByDescending(data => data.Length),
    ];

    [Fact]
    public async Task Whatever_the_pages_of_the_example_say_comes_from_the_texts()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var demo = (await ActivatorUtilities.CreateInstance<FillDemo>(app.Services).Run()).Value;
        await app.Db.Write(tx => tx.Execute("UPDATE accounts SET language = @Language", new { Language }));
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var stranger = app.Visitor();
        stranger.Headers["Accept-Language"] = Language;
        foreach (var path in new[] { "/sign-in", "/sign-up", "/forgot-password", "/setup", "/not-me", "/reset-password", "/confirm-email", "/undo-email", "/invitation", "/keep-account", "/stop-reset", "/there-is-nothing-here" }) Judge(await stranger.Open(path), found);
        var member = app.Visitor();
        member.Headers["Accept-Language"] = Language;
        (await member.SignIn("mara@almondbirch.example", demo.Password)).Expect(204);
        var seen = await Walk(member, found);
        Assert.True(seen > 60, $"only {seen} pages");
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task Whatever_letters_say_comes_from_the_texts()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var crew = await Crew.Found(app);
        var (owner, member) = (await crew.Add("owner", "mara@almondbirch.example", "Mara Lindqvist"), await crew.Add("member", "tomas@almondbirch.example", "Tomas Figueira"));
        await app.Db.Write(tx => tx.Execute("UPDATE accounts SET language = @Language, time_zone = 'Europe/Rome'", new { Language }));
        var (boss, theirs) = (await app.SignedIn(owner), await app.SignedIn(member));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var phone = await app.Enrol(await app.SignedIn(member, userAgent: Visitor.Chrome));
        (await boss.Patch($"{crew.Api}/users/{member.Id}", new { role = "admin" })).Expect(204);
        foreach (var act in new[] { "suspend", "reactivate", "password-recovery", "sign-out" }) (await boss.Post($"{crew.Api}/users/{member.Id}/{act}")).Expect(204);
        (await boss.Delete($"{crew.Api}/users/{member.Id}")).Expect(204);
        (await app.Visitor().Post("/api/v1/password-recovery", new { email = owner.Email })).Expect(202);
        (await boss.ChangePassword(owner.Password, TestApp.OtherPassword)).Expect(200);
        Assert.NotEmpty(phone.Codes);
        Assert.NotNull(theirs);
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var letters = (await app.Letters(owner.Email)).Concat(await app.Letters(member.Email)).ToList();
        Assert.True(letters.Count >= 9, string.Join('\n', letters.Select(letter => letter.Subject)));
        foreach (var letter in letters)
        {
            if (Own(letter.Subject) is { } subject) found.Add(subject);
            foreach (var words in Said(new HtmlParser().ParseDocument(letter.Html)).Select(Own).OfType<string>()) found.Add($"{letter.Subject}: {words}");
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>Follows every link, but of pages of one kind only a few.</summary>
    private static async Task<int> Walk(Visitor visitor, SortedSet<string> found)
    {
        var (waiting, known, kinds) = (new Queue<string>(["/account/security", "/account", "/account/two-factor", "/account/policy", "/account/unusual", "/account/secure", "/step-up", "/sign-out"]), new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        while (waiting.TryDequeue(out var path))
        {
            var page = await visitor.Open(path);
            if (page.Answer.Header("Content-Type")?.StartsWith("text/html", StringComparison.Ordinal) != true) continue;
            Judge(page, found);
            foreach (var link in page.Document.QuerySelectorAll("a[href^='/']").Select(a => a.GetAttribute("href")!.Split('#')[0]))
            {
                var kind = Id().Replace(link, "*");
                if (link.StartsWith("/dev/", StringComparison.Ordinal) || !known.Add(link) || (kinds[kind] = kinds.GetValueOrDefault(kind) + 1) > 2) continue;
                waiting.Enqueue(link);
            }
        }
        return known.Count;
    }

    private static void Judge(VisitedPage page, SortedSet<string> found)
    {
        Assert.True(page.Answer.Status is 200 or 400 or 403 or 404 or 409 or 410, $"{page.Path}: {page.Answer.Status}");
        foreach (var words in Said(page.Document).Select(Own).OfType<string>()) found.Add($"{Id().Replace(page.Path, "*")}: {words}");
    }

    /// <summary>What is read or read aloud.</summary>
    private static IEnumerable<string> Said(IDocument document) =>
        document.All.Where(e => e.LocalName is not ("script" or "style" or "code" or "option" or "kbd" or "pre") && !e.ClassList.Contains("mono"))
            .SelectMany(e => e.ChildNodes.OfType<IText>().Select(node => node.Data)
                .Concat(new[] { "aria-label", "title", "placeholder", "alt", "data-copied", "data-wait-over" }.Select(e.GetAttribute).OfType<string>()));

    /// <summary>The words outside of all marks, when they are words of ours; else null.</summary>
    private static string? Own(string said)
    {
        var (outside, depth) = (new System.Text.StringBuilder(), 0);
        foreach (var c in said)
        {
            if (c == '⟦') depth++;
            else if (c == '⟧') depth--;
            else if (depth == 0) outside.Append(c);
        }
        var rest = Data.Aggregate(Address().Replace(outside.ToString(), " "), (left, data) => left.Replace(data, " ", StringComparison.Ordinal));
        return Word().IsMatch(rest) ? said.Trim() : null;
    }

    [GeneratedRegex(@"[0-9a-f]{8}-?[0-9a-f-]{8,}|[0-9a-z]{20,}|(?<==)[^&]+", RegexOptions.None, 5000)]
    private static partial Regex Id();

    [GeneratedRegex("\"(?<data>[^\"\\n]+)\"", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Literal();

    /// <summary>Addresses of mail, hosts and pages, permanent codes, numbers of requests; a browser with its version.</summary>
    [GeneratedRegex(@"[\w.+-]+@[\w.-]*|https?:\S+|\b[\w-]+(\.[\w-]+)+(:\S+)?|\b[0-9A-Z]{13}-[0-9A-F]{8}\b|\b\p{Lu}\p{L}+ \d+\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Address();

    [GeneratedRegex(@"\p{L}{3,}", RegexOptions.None, 5000)]
    private static partial Regex Word();
}
