using Holdfast.Browser.Support;
using Holdfast.Features.ResetCases;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>An admin asks, an operator approves, and the person, who knows of nothing, stops it.</summary>
public sealed class ResetCaseStory
{
    [Fact]
    public async Task Asked_for_approved_and_stopped_by_the_person()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await using var chromium = await Chromium.Start();
        var setup = await CaseSetup.Make(app);

        await using var admin = await chromium.Open(app);
        await admin.SignIn(setup.Admin.Email, setup.Admin.Password);
        await admin.Page.GotoAsync($"{setup.Crew.Page}/users/{setup.Member.Id}");
        await admin.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Request two-factor reset" }).Last.ClickAsync();
        await admin.Page.GetByText("The phone with the app").ClickAsync();
        await admin.Page.GetByLabel("Reason", new() { Exact = true }).FillAsync(CaseSetup.Reason);
        await admin.Page.GetByLabel("How can an operator reach the person?").FillAsync("+48 22 555 01 47");
        await admin.Page.GetByText("I have talked to the person myself").ClickAsync();
        await admin.Page.GetByRole(AriaRole.Button, new() { Name = "Request reset" }).ClickAsync();
        await Expect(admin.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("TF-0001");

        await using var one = await chromium.Open(app);
        await one.SignIn(setup.Operator.Email, setup.Operator.Password);
        await one.Page.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Overview" }).ClickAsync();
        await one.Page.GetByRole(AriaRole.Link, new() { Name = "Decide TF-0001" }).ClickAsync();
        await one.Page.GetByText("Called back on a number known before the request").ClickAsync();
        await one.Page.GetByLabel("What you asked, and what was answered").FillAsync("Called +48 22 555 01 47. He named his last two bookings.");
        await one.Page.GetByText("I am not the one who asked, and I have no stake in it").ClickAsync();
        await one.Page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(one.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("The waiting time runs");
        await Expect(one.Page.GetByRole(AriaRole.Heading, new() { Name = "Takes effect in" })).ToBeVisibleAsync();

        await using var person = await chromium.Open(app);
        await person.Page.GotoAsync($"/stop-reset?token={await setup.StopLink()}");
        await Expect(person.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/stop-reset");
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Stop this reset" }).ClickAsync();
        await Expect(person.Page.GetByRole(AriaRole.Heading, new() { Name = "The reset is stopped" })).ToBeVisibleAsync();

        await one.Page.ReloadAsync();
        await Expect(one.Page.GetByRole(AriaRole.Heading, new() { Name = "Sealed record" })).ToBeVisibleAsync();
        Assert.Equal(CaseState.Stopped, (await app.Db.Read(tx => ResetCaseTable.Closed(tx, null, 1)))[0].State);
        Assert.True(await setup.HasFactors());
    }
}
