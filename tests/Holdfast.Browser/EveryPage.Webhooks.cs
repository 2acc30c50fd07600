using Holdfast.Browser.Support;
using Holdfast.Features.Audit;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_webhooks_either(int width, ColorScheme scheme)
    {
        await using var good = await OtherSystem.Start();
        await using var bad = await OtherSystem.Start();
        bad.Answer = OtherSystem.Status(500);
        good.Answer = (context, body) => { context.Response.StatusCode = body.Contains(AuditKind.StepUpFailed, StringComparison.Ordinal) ? 422 : 204; return Task.CompletedTask; };
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var (person, boss) = await app.SetUp();
        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await here.SignIn(person.Email, person.Password);
        await Expect(here.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");
        await Look(here, "/operator/webhooks", "webhooks-none", width, scheme, found);
        await Look(here, "/operator/webhooks/new", "webhook-new", width, scheme, found);
        await Send(here, "form.card", ("name", ""), ("address", "http://watch.quayside.example/hooks"));
        await Judge(here, "webhook-refused", width, scheme, found);
        await Send(here, "form.card", ("name", "Night watch"), ("address", new Uri(good.Address, "/hooks/holdfast").ToString()));
        await Judge(here, "webhook-made", width, scheme, found);

        var (failing, _) = await Hooks.Add(boss, bad, AuditKind.SignInFailed);
        var (paused, _) = await Hooks.Add(boss, "https://watch.quayside.example/hooks", AuditKind.SignInFailed);
        (await boss.Post($"{Hooks.Api}/{paused}/pause")).Expect(204);
        await Hooks.Happen(app, person.Id, 4);
        await Hooks.Happen(app, person.Id, kind: AuditKind.StepUpFailed);
        for (var i = 0; i < 5; i++)
        {
            await Hooks.Send(app);
            app.Clock.Advance(TimeSpan.FromSeconds(50));
        }
        await Look(here, "/operator/webhooks", "webhooks", width, scheme, found);
        await Look(here, $"/operator/webhooks/{failing}", "webhook-failing", width, scheme, found);
        await Look(here, $"/operator/webhooks/{paused}", "webhook-paused", width, scheme, found);
        var id = (await app.Db.Read(Holdfast.Features.Webhooks.WebhookTable.All)).Single(e => e.AllKinds).Id;
        await Look(here, $"/operator/webhooks/{id}", "webhook", width, scheme, found);
        Assert.Empty(found);
        Assert.Empty(here.Complaints);
    }
}
