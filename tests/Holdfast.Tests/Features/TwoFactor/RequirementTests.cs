using Holdfast.Configuration;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

/// <summary>Two-factor that a role asks for.</summary>
public sealed class RequirementTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    private static readonly Factors On = new([new Factor("totp", "a", "Phone", Now, null)], 10, new Standing());

    private static readonly IReadOnlyList<Membership> Owner = [new Membership { WorkspaceId = "w", Slug = "w", Workspace = "Northwind", Role = "owner" }];

    private static readonly IReadOnlyList<Membership> Member = [new Membership { WorkspaceId = "w", Slug = "w", Workspace = "Northwind", Role = "member" }];

    private static TwoFactorSettings Rule(int graceDays = 0, params string[] roles) => new(roles.Length == 0 ? ["owner", "admin"] : roles, TimeSpan.FromDays(graceDays), TimeSpan.Zero);

    private static Dictionary<string, string?> Asked(int graceDays = 0, string roles = "owner, admin") => new() { ["TwoFactor:RequiredForRoles"] = roles, ["TwoFactor:GraceDays"] = $"{graceDays}" };

    [Fact]
    public void A_rule_meets_the_roles_that_it_names_and_operators_only_by_name()
    {
        Assert.True(TwoFactorRule.Of(Factors.None, Owner, false, Rule(), Now).MustEnrol(Now));
        Assert.False(TwoFactorRule.Of(Factors.None, Member, true, Rule(), Now).Exists);
        Assert.True(TwoFactorRule.Of(Factors.None, [], true, Rule(0, "operator"), Now).MustEnrol(Now));
        Assert.False(TwoFactorRule.Of(Factors.None, [], false, Rule(0, "operator"), Now).Exists);
        // With two-factor on there is nothing left to do, but it stays asked for.
        Assert.True(TwoFactorRule.Of(On, Owner, false, Rule(), Now) is { Exists: true, EnrolBy: null });
    }

    [Fact]
    public void Days_of_grace_count_from_the_first_meeting_and_may_be_given_longer()
    {
        var met = Factors.None with { Standing = new Standing { RequiredSince = Now } };
        var rule = TwoFactorRule.Of(met, Owner, false, Rule(14), Now.AddDays(4));
        Assert.Equal((10, Now.AddDays(14)), (rule.DaysLeft(Now.AddDays(4)), rule.EnrolBy));
        Assert.False(rule.MustEnrol(Now.AddDays(14).AddMilliseconds(-1)));
        Assert.Equal(1, rule.DaysLeft(Now.AddDays(14).AddMilliseconds(-1)));
        Assert.True(rule.MustEnrol(Now.AddDays(14)));
        var longer = met with { Standing = met.Standing with { GraceUntil = Now.AddDays(30) } };
        Assert.Equal(Now.AddDays(30), TwoFactorRule.Of(longer, Owner, false, Rule(14), Now).EnrolBy);
        // A shorter one does not take away what the settings give.
        Assert.Equal(Now.AddDays(60), TwoFactorRule.Of(longer, Owner, false, Rule(60), Now).EnrolBy);
    }

    [Theory, Engines]
    public async Task Without_grace_the_session_opens_the_set_up_and_nothing_else_until_it_is_done(string engine)
    {
        await using var app = await TestApp.Start(engine, Asked());
        var (person, visitor) = await app.SetUp();
        (await visitor.Get("/api/v1/sessions")).Expect(403, "two_factor.enrol_required");
        var session = (await visitor.Get("/api/v1/session")).Expect(200).Json.GetProperty("twoFactor");
        Assert.True(session.GetProperty("mustEnrol").GetBoolean() && session.GetProperty("required").GetBoolean() && !session.GetProperty("on").GetBoolean());
        var page = await visitor.Open("/account/security");
        Assert.Equal("/account/two-factor", page.Path);
        Assert.Contains("Two-factor is needed now", page.Text, StringComparison.Ordinal);
        Assert.Contains("Northwind", page.Text, StringComparison.Ordinal);
        // A form that was left open does nothing either.
        Assert.Equal(403, (await visitor.Send(HttpMethod.Post, "/account/sessions?handler=EndAll", new FormUrlEncodedContent([]))).Status);

        page = await page.Submit("form[action*='Begin']");
        Assert.Equal("/account/two-factor/enrol", page.Path);
        var phone = new Phone(app.Clock, string.Concat(page.Document.QuerySelectorAll(".key-groups span").Select(g => g.TextContent)), "", []);
        page = await page.Submit("form.card", ("code", phone.Code()), ("name", "My phone"));
        Assert.Equal(10, page.Document.QuerySelectorAll("ol.codes li").Length);
        page = await page.Submit("form[action*='Saved']", ("saved", "true"));
        Assert.Equal("/account/two-factor", page.Path);
        Assert.Equal("/account/security", (await visitor.Open("/account/security")).Path);
        (await visitor.Get("/api/v1/sessions")).Expect(200);

        // And it cannot be turned off.
        app.NextCode();
        (await visitor.TurnOff(phone.Code())).Expect(403, "two_factor.required_by_role");
        Assert.Contains("Your role or your workspace needs two-factor, so it cannot be turned off.", (await visitor.Open("/account/two-factor")).Text, StringComparison.Ordinal);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(202);
    }

    [Theory, Engines]
    public async Task In_the_days_of_grace_all_is_open_and_the_pages_count_them(string engine)
    {
        await using var app = await TestApp.Start(engine, Asked(graceDays: 14));
        var (person, visitor) = await app.SetUp();
        var page = await visitor.Open("/account/security");
        Assert.Contains("You have 14 days left.", page.Text, StringComparison.Ordinal);
        // At the next sign-in it is said at once, with a way past it.
        app.Clock.Advance(TimeSpan.FromDays(4));
        var there = app.Visitor();
        page = await (await there.Open("/account/activity")).Submit("form[action='/sign-in']", ("email", person.Email), ("password", person.Password));
        Assert.Equal("/account/two-factor?return=%2Faccount%2Factivity", page.Path);
        Assert.Contains("You have 10 days left.", page.Text, StringComparison.Ordinal);
        Assert.Equal("/account/activity", page.Document.QuerySelectorAll("a.button-wide")[^1].GetAttribute("href"));
        Assert.False((await there.Get("/api/v1/session")).Json.GetProperty("twoFactor").GetProperty("mustEnrol").GetBoolean());
        // A session that was open when the days ran out closes by itself.
        app.Clock.Advance(TimeSpan.FromDays(10) - TimeSpan.FromHours(11));
        (await there.SignIn(person.Email, person.Password)).Expect(204);
        (await there.Get("/api/v1/sessions")).Expect(200);
        app.Clock.Advance(TimeSpan.FromHours(11));
        (await there.Get("/api/v1/sessions")).Expect(403, "two_factor.enrol_required");
        Assert.True((await there.Get("/api/v1/session")).Json.GetProperty("twoFactor").GetProperty("mustEnrol").GetBoolean());
    }

    [Theory, Engines]
    public async Task The_first_meeting_is_written_down_once(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        var clock = new FakeClock();
        Person person;
        await using (var app = await TestApp.Start(engine, Asked(graceDays: 10), clock, database))
        {
            (person, var visitor) = await app.SetUp();
            (await visitor.Get("/api/v1/sessions")).Expect(200);
        }
        clock.Advance(TimeSpan.FromDays(9));
        await using (var app = await TestApp.Start(engine, Asked(graceDays: 10), clock, database)) (await (await app.SignedIn(person)).Get("/api/v1/sessions")).Expect(200);
        clock.Advance(TimeSpan.FromDays(1));
        await using (var app = await TestApp.Start(engine, Asked(graceDays: 10), clock, database)) (await (await app.SignedIn(person)).Get("/api/v1/sessions")).Expect(403, "two_factor.enrol_required");
    }

    [Theory, Engines]
    public async Task A_member_whom_no_rule_meets_is_asked_for_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine, Asked());
        var visitor = await app.SignedIn(await app.AddAccount(workspace: "Northwind"));
        (await visitor.Get("/api/v1/sessions")).Expect(200);
        Assert.False((await visitor.Get("/api/v1/session")).Json.GetProperty("twoFactor").GetProperty("required").GetBoolean());
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM two_factor")));
    }

    [Theory]
    [InlineData("owner, boss", "TwoFactor:RequiredForRoles: \"boss\" is not one of owner, admin, member, operator, or none alone.")]
    [InlineData("none, owner", "TwoFactor:RequiredForRoles: \"none\" is not one of owner, admin, member, operator, or none alone.")]
    public void A_role_that_there_is_not_stops_the_start(string roles, string message) =>
        Assert.Equal(message, Assert.Throws<SettingsException>(() => TestSettings.Read(Asked(roles: roles))).Message);

    [Fact]
    public void Owners_and_admins_are_asked_by_default() =>
        Assert.Equal(["owner", "admin"], HoldfastSettings.Read(new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build()).TwoFactor.RequiredForRoles);
}
