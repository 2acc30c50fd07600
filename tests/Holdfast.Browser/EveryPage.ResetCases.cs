using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_a_two_factor_reset(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var setup = await CaseSetup.Make(app);
        var (other, _, _) = await app.AddWithTwoFactor("maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example", "Maria-Magdalena Wiśniewska-Brzęczyszczykiewicz");
        await setup.Crew.Join(other, "member");
        var address = $"{setup.Crew.Page}/users/{setup.Member.Id}/reset-two-factor";

        await using var admin = await chromium.Open(app, width: width, scheme: scheme);
        await admin.SignIn(setup.Admin.Email, setup.Admin.Password);
        await Look(admin, $"{setup.Crew.Page}/users/{setup.Member.Id}", "case-user", width, scheme, found);
        await Look(admin, address, "case-request", width, scheme, found);
        await Send(admin, "form.card", ("reason", ""), ("reach", ""));
        await Judge(admin, "case-request-refused", width, scheme, found);
        var id = await setup.Ask();
        (await setup.AdminBrowser.Post(setup.AddressFor(other), CaseSetup.Request)).Expect(201);
        await Look(admin, address, "case-request-open", width, scheme, found);

        await using var person = await chromium.Open(app, width: width, scheme: scheme);
        await Look(person, $"/stop-reset?token={await setup.StopLink()}", "stop-reset-asked", width, scheme, found);

        await using var one = await chromium.Open(app, width: width, scheme: scheme);
        await one.SignIn(setup.Operator.Email, setup.Operator.Password);
        await Look(one, "/operator", "operator", width, scheme, found);
        await Look(one, $"/operator/cases/{id}", "operator-case", width, scheme, found);
        await Send(one, "form.card", ("evidence", ""));
        await Judge(one, "operator-case-refused", width, scheme, found);
        (await setup.OperatorBrowser.Post($"/api/v1/operator/cases/{id}/approve", CaseSetup.Decision)).Expect(204);
        await Look(one, $"/operator/cases/{id}", "operator-case-waiting", width, scheme, found);
        await Look(admin, address, "case-request-waiting", width, scheme, found);
        await Look(person, $"/stop-reset?token={await setup.StopLink()}", "stop-reset", width, scheme, found);
        await Look(person, "/dev/mail", "mail-reset-case", width, scheme, found);
        await person.Page.GotoAsync("/stop-reset");
        await Send(person, "form[action='/stop-reset']");
        await Judge(person, "stop-reset-done", width, scheme, found);
        await Look(person, "/stop-reset", "stop-reset-over", width, scheme, found);
        await Look(one, $"/operator/cases/{id}", "operator-case-closed", width, scheme, found);
        await Look(one, "/operator", "operator-with-closed", width, scheme, found);

        // Somebody who can still sign in with two-factor finds a notice.
        app.NextCode();
        await setup.Ask();
        await using var member = await chromium.Open(app, width: width, scheme: scheme);
        await member.SignIn(setup.Member.Email, setup.Member.Password);
        await Send(member, ("code", setup.Phone.Code()));
        await Judge(member, "security-reset-asked", width, scheme, found);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
