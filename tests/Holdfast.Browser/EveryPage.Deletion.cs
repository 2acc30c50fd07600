using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_a_deletion(int width, ColorScheme scheme)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(503);
        await using var app = await TestApp.Start(TestDatabase.Sqlite, Leaving.Tells(system));
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var crew = await Crew.Found(app);
        var owner = await crew.Add("owner", "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example", "Maria-Magdalena Wiśniewska-Brzęczyszczykiewicz");
        await crew.Add("admin", "giulia@almondbirch.example", "Giulia Ferraro");
        var boss = await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt");

        await using var person = await chromium.Open(app, width: width, scheme: scheme);
        await person.SignIn(owner.Email, owner.Password);
        await Look(person, "/account/delete", "delete-account", width, scheme, found);
        await Send(person, "form.card-danger", ("confirm", "delete"));
        await Judge(person, "delete-account-refused", width, scheme, found);
        await Send(person, "form.card-danger", ("confirm", "DELETE"));
        await Judge(person, "delete-account-undecided", width, scheme, found);
        await person.Page.Locator("input[value=goes]").CheckAsync();
        await Send(person, "form.card-danger", ("confirm", "DELETE"));
        await Judge(person, "account-closed", width, scheme, found);
        await Look(person, $"/keep-account?token={await app.LastLink(owner.Email, "/keep-account")}", "keep-account", width, scheme, found);
        await person.Page.GotoAsync("/sign-in");
        await person.SignIn(owner.Email, owner.Password);
        await Look(person, "/account/closing", "closing", width, scheme, found);
        await Look(person, "/account/export", "export-closing", width, scheme, found);
        await Send(person, "form[action='/account/export']");
        await Judge(person, "export-being-made", width, scheme, found);
        await Leaving.Run(app);
        await Look(person, $"/account/export?token={await app.LastLink(owner.Email, "/account/export")}", "export-ready", width, scheme, found);

        await using var one = await chromium.Open(app, width: width, scheme: scheme);
        await one.SignIn(boss.Email, boss.Password);
        var open = (await Leaving.Open(app, owner))!;
        await Look(one, $"/operator/erasures/{open.Id}", "operator-erasure-grace", width, scheme, found);
        await Look(person, "/account/delete/now", "delete-now", width, scheme, found);
        await Send(person, "form.stack", ("confirm", "DELETE"));
        await Judge(person, "account-deleted", width, scheme, found);
        for (var tries = 0; tries < 3; tries++)
        {
            await Leaving.Run(app);
            app.Clock.Advance(TimeSpan.FromMinutes(6));
        }
        await Look(one, "/operator", "operator-erasures", width, scheme, found);
        await Look(one, $"/operator/erasures/{open.Id}", "operator-erasure", width, scheme, found);
        await Send(one, "form.card-danger", ("confirm", "close"));
        await Judge(one, "operator-erasure-refused", width, scheme, found);
        system.Answer = OtherSystem.Says("""{"message":"212 bookings erased.","kept":["3 invoices, until 31 December 2036: tax law asks for it"]}""");
        app.Clock.Advance(TimeSpan.FromHours(9));
        await Leaving.Finish(app, open.Id);
        var letter = (await app.Letters(owner.Email)).Single(l => l.Subject == "Your account has been deleted");
        var address = new Uri(letter.Text.Split('\n').Select(line => line.Trim()).Single(line => line.Contains("/receipts/rc_", StringComparison.Ordinal))).PathAndQuery;
        await Look(person, address, "receipt", width, scheme, found);
        await Look(person, "/dev/mail", "mail-deletion-done", width, scheme, found);
        await Look(one, $"/operator/erasures/{open.Id}", "operator-erasure-done", width, scheme, found);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
