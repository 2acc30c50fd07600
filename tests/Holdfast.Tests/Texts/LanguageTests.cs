using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Mail;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Holdfast.Web;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Holdfast.Tests.Texts;

/// <summary>Which language somebody is spoken to in, and what Italian asks for beyond other words.</summary>
public sealed class LanguageTests
{
    private static readonly Text Italian = Text.For("it");

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("it", "it")]
    [InlineData("it-CH,de;q=0.8", "it")]
    [InlineData("IT-it", "it")]
    [InlineData("de, fr;q=0.9", null)]
    [InlineData("de, it;q=0.5, en;q=0.4", "it")]
    [InlineData("en;q=0.4, it;q=0.5", "it")]
    [InlineData("en-US,en;q=0.9,it;q=0.8", "en")]
    [InlineData("it;q=0, en;q=0.1", "en")]
    [InlineData("it;q=0", null)]
    [InlineData("*", null)]
    [InlineData("ita, ;;;, it;q=x", null)]
    public void The_browser_says_what_it_likes_best_of_what_we_have(string? header, string? language)
    {
        var context = new DefaultHttpContext();
        if (header is not null) context.Request.Headers.AcceptLanguage = header;
        Assert.Equal(language, Words.Wish(context.Request));
    }

    [Theory, Engines]
    public async Task Pages_and_refusals_speak_as_the_browser_asks_until_the_person_has_chosen(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var stranger = app.Visitor();
        stranger.Headers["Accept-Language"] = "it-IT,it;q=0.9,en;q=0.5";
        var page = await stranger.Open("/sign-in");
        Assert.Equal("it", page.Document.DocumentElement.GetAttribute("lang"));
        Assert.Equal("Accedi", page.Document.QuerySelector("form button.button-primary")!.TextContent.Trim());
        var wrong = (await stranger.SignIn(person.Email, "not the password")).Expect(401, "sign_in.wrong").Json;
        Assert.Equal(("Prima accedi", "L’indirizzo e-mail o la password non sono corretti. Controllali e riprova."), (wrong.GetProperty("title").GetString(), wrong.GetProperty("detail").GetString()));

        // The first sign-in keeps what the browser asked for, as it does with the time zone: letters have no browser to ask.
        (await stranger.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal("it", (await app.Db.Read(tx => AccountTable.ById(tx, person.Id)))!.Language);
        // A choice outweighs the browser, and no later sign-in changes it.
        (await stranger.Patch("/api/v1/account", new { language = "en" })).Expect(200);
        Assert.Equal("en", (await stranger.Open("/account/security")).Document.DocumentElement.GetAttribute("lang"));
        (await stranger.Patch("/api/v1/account", new { language = "" })).Expect(200);
        Assert.Equal("it", (await stranger.Open("/account/security")).Document.DocumentElement.GetAttribute("lang"));
        (await stranger.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Null((await app.Db.Read(tx => AccountTable.ById(tx, person.Id)))!.Language);
        var options = (await stranger.Open("/account")).Document.QuerySelectorAll("select[name=language] option").Select(option => option.TextContent.Trim());
        Assert.Equal(["Come chiede il browser", "English", "Italiano"], options);
    }

    [Theory, Engines]
    public async Task Letters_speak_the_language_of_whoever_gets_them(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, member) = (await crew.Add("owner", "greta@almondbirch.example", "Greta Lindqvist"), await crew.Add("member", "giulia@almondbirch.example", "Giulia Ferrante"));
        await app.Db.Write(async tx => { await AccountTable.SetProfile(tx, member.Id, member.Name, "it", "Europe/Rome"); return 0; });
        var boss = await app.SignedIn(owner);
        boss.Headers["Accept-Language"] = "en";
        (await boss.Post($"{crew.Api}/users/{member.Id}/suspend")).Expect(204);
        var letter = Assert.Single(await app.Letters(member.Email));
        Assert.Equal("Il tuo accesso a Almond & Birch è sospeso", letter.Subject);
        Assert.Contains("<html lang=\"it\"", letter.Html, StringComparison.Ordinal);
        Assert.StartsWith("Ciao Giulia,", letter.Text.Split("\n\n").First(block => block.StartsWith("Ciao", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("(ora di Roma)", letter.Text, StringComparison.Ordinal);

        // Somebody without an account: the language that the inviter chose, or else the inviter's own.
        (await boss.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = "rosa@almondbirch.example" } }, language = "it" })).Expect(200);
        Assert.Equal("Hai ricevuto un invito per Almond & Birch", Assert.Single(await app.Letters("rosa@almondbirch.example")).Subject);
        boss.Headers["Accept-Language"] = "it";
        (await boss.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = "luca@almondbirch.example" } } })).Expect(200);
        Assert.Equal("Hai ricevuto un invito per Almond & Birch", Assert.Single(await app.Letters("luca@almondbirch.example")).Subject);
    }

    [Theory]
    [InlineData("7 dicembre", "Dal 7 dicembre, Almond & Birch")]
    [InlineData("8 dicembre", "Dall’8 dicembre, Almond & Birch")]
    [InlineData("11 dicembre 2026, 08:00", "Dall’11 dicembre 2026, 08:00, Almond & Birch")]
    [InlineData("18 dicembre", "Dal 18 dicembre, Almond & Birch")]
    [InlineData("80 giorni", "Dal 80 giorni, Almond & Birch")]
    public void An_article_gives_way_before_the_eighth_and_the_eleventh(string day, string said) => Assert.StartsWith(said, Italian["two_factor.required.text", day, "Almond & Birch"], StringComparison.Ordinal);

    [Fact]
    public void An_article_gives_way_wherever_it_stands_and_nowhere_else()
    {
        Assert.Equal("Il tuo account sarà eliminato l’11 marzo", Italian["letter.deletion.title", "11 marzo"]);
        Assert.Equal("L’8 marzo", Italian["operator_case.on", "8 marzo"]);
        Assert.Equal("fino all’8 marzo", Italian["letter.lifetime.until", "8 marzo"]);
        Assert.Equal("Your account will be deleted on 8 March", Text.English["letter.deletion.title", "8 March"]);
        Assert.Equal("Attivata da 8 marzo il 9 marzo.", Italian["workspace.two_factor.by", "8 marzo", "9 marzo"]);
    }

    [Fact]
    public void Moments_and_lengths_of_time_are_said_in_Italian()
    {
        var now = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
        var moments = new Moments(Italian, now, "Europe/Rome");
        Assert.Equal(["Proprio ora", "1 minuto fa", "20 minuti fa", "Oggi, 10:00", "Ieri, 13:00", "9 novembre", "9 novembre 2025"],
            new[] { 0, 1, 20, 180, 1440, 12 * 1440, 377 * 1440 }.Select(minutes => moments.Ago(now.AddMinutes(-minutes))));
        Assert.Equal(["oggi", "ieri", "5 giorni fa", "3 settimane fa", "4 mesi fa"], new[] { 0, 1, 5, 22, 130 }.Select(days => moments.Since(now.AddDays(-days))));
        Assert.Equal("martedì 10 novembre", moments.DayName(now.AddDays(-11)));
        Assert.Equal("21 novembre 2026, 13:00 (ora di Roma)", LetterTime.Format(Italian, now, "Europe/Rome"));
        Assert.Equal("21 novembre 2026, 07:00 (ora di New York)", LetterTime.Format(Italian, now, "America/New_York"));
        Assert.Equal("più di 10.000", Italian["users.more_than", 10_000]);
        Assert.Equal("2 giorni", Durations.Say(TimeSpan.FromDays(2), Italian));
    }

    [Fact]
    public void Languages_are_listed_in_their_own_words() => Assert.Equal(["English", "Italiano"], Text.Languages.Select(Text.NameOf));

    [Fact]
    public void The_command_line_stays_English()
    {
        Assert.Equal("en", Holdfast.Cli.CommandLine.T.Culture.Name);
        Assert.Equal(CultureInfo.GetCultureInfo("en"), Text.For("xx").Culture);
    }
}
