using Holdfast.Features.OAuth;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Attacks;

/// <summary>Ways around what applications are let do that lie between two of their requests.</summary>
public sealed class OAuthReviewTests
{
    [Theory, Engines]
    public async Task A_mark_of_a_proof_serves_for_the_request_that_it_was_made_for_and_for_no_other(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, shop) = (await app.SignedIn(person), Shop(app));
        var page = await visitor.Open(shop.Authorize(("prompt", "login")));
        var back = QueryHelpers.ParseQuery(page.Path.Split('?', 2)[1])["return"].ToString();
        var mark = QueryHelpers.ParseQuery(back.Split('?', 2)[1])[ProofMark.Parameter].ToString();
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        (await visitor.StepUp(person.Password)).Expect(200);
        Assert.Contains("code", shop.Back((await visitor.Get(back)).Expect(302)).Keys);
        // The application's next request has another challenge: the person is asked anew.
        var next = Shop(app);
        Assert.StartsWith("/step-up", (await visitor.Get(next.Authorize(("prompt", "login"), (ProofMark.Parameter, mark)))).Expect(302).Location, StringComparison.Ordinal);
        Assert.StartsWith("/step-up", (await visitor.Get(shop.Authorize(("prompt", "login"), ("state", "another"), (ProofMark.Parameter, mark)))).Expect(302).Location, StringComparison.Ordinal);
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        Assert.StartsWith("/step-up", (await visitor.Get(back)).Expect(302).Location, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Whoever_signs_in_on_the_way_is_not_asked_twice(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, shop) = (app.Visitor(), Shop(app));
        var to = (await visitor.Get(shop.Authorize(("prompt", "login"), ("max_age", "0")))).Expect(302).Location!;
        Assert.StartsWith("/sign-in?return=", to, StringComparison.Ordinal);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Contains("code", shop.Back((await visitor.Get(QueryHelpers.ParseQuery(to.Split('?', 2)[1])["return"].ToString())).Expect(302)).Keys);
    }

    [Theory, Engines]
    public async Task Where_there_is_a_second_factor_a_password_typed_lately_is_no_new_proof(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        var shop = Shop(app);
        app.Clock.Advance(TimeSpan.FromMinutes(20));
        (await visitor.StepUp(person.Password)).Expect(200);
        Assert.StartsWith("/step-up", (await visitor.Get(shop.Authorize(("max_age", "600")))).Expect(302).Location, StringComparison.Ordinal);
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        Assert.Contains("code", shop.Back((await visitor.Get(shop.Authorize(("max_age", "600")))).Expect(302)).Keys);
    }

    [Theory, Engines]
    public async Task An_application_that_may_less_holds_less_at_once(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (_, operatorBrowser) = await app.SetUp();
        object Form(string[] scopes) => new { name = "Till", maker = "Quayside", redirects = new[] { "https://tide.example/in" }, scopes, own = true };
        var made = (await operatorBrowser.Post("/api/v1/operator/clients", Form(["openid", "profile", "email", "offline_access"]))).Expect(200).Json;
        var (id, secret) = (made.GetProperty("client").GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
        var till = new Application(app, id, secret, "https://tide.example/in", "openid profile email offline_access");
        var visitor = await app.SignedIn(await app.AddAccount());
        var tokens = (await till.Exchange(await till.Code(visitor))).Expect(200).Json;
        Assert.True(await till.IsActive(Text(tokens, "access_token")));
        (await operatorBrowser.Send(HttpMethod.Put, $"/api/v1/operator/clients/{id}", Visitor.Json(Form(["openid", "profile", "offline_access"])))).Expect(204);
        Assert.False(await till.IsActive(Text(tokens, "access_token")));
        Assert.Equal("invalid_grant", Text((await till.Refresh(Text(tokens, "refresh_token"))).Expect(400).Json, "error"));
    }

    [Theory, Engines]
    public async Task Whoever_had_tokens_of_a_session_is_told_of_its_end_though_these_ended_before(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, shop) = (await app.SignedIn(person), Shop(app));
        Task<long> Told() => app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM oauth_logouts"));
        var code = await shop.Code(visitor);
        (await shop.Exchange(code)).Expect(200);
        // A second use ends what came of the first, and is told.
        (await shop.Exchange(code)).Expect(400);
        Assert.Equal(1, await Told());
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
        Assert.Equal(2, await Told());
    }

    [Theory, Engines]
    public async Task What_others_may_do_at_the_product_is_in_the_one_workspace_that_was_chosen(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (first, second) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        await first.Join(person, "member");
        await second.Join(person, "member");
        var (visitor, tide) = (await app.SignedIn(person), Tide(app));
        var page = await visitor.Open(tide.Authorize(("scope", "openid bookings.read"), ("resource", "https://api.quayside.example/")));
        Assert.Contains("https://api.quayside.example/", page.Text, StringComparison.Ordinal);
        Assert.Equal(2, page.Document.QuerySelectorAll("select[name=workspace] option").Length);
        var allowed = await page.Submit("button[value=allow]", ("workspace", second.Id));
        var tokens = (await tide.Exchange(tide.Back(allowed.Answer)["code"])).Expect(200).Json;
        Assert.Equal(second.Id, Text(await Api(app).Introspect(Text(tokens, "access_token")), "workspace_id"));
    }

    [Theory, Engines]
    public async Task What_was_allowed_at_one_API_was_not_allowed_at_another(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, tide) = (await app.SignedIn(await (await Crew.Found(app)).Add("member")), Tide(app));
        async Task Allow(params (string, string)[] more) => await (await visitor.Open(tide.Authorize([("scope", "openid"), .. more]))).Submit("button[value=allow]");
        async Task<bool> IsAsked(params (string, string)[] more) => tide.Back((await visitor.Get(tide.Authorize([("scope", "openid"), ("prompt", "none"), .. more]))).Expect(302)).GetValueOrDefault("error") == "consent_required";
        await Allow();
        Assert.False(await IsAsked());
        Assert.True(await IsAsked(("scope", "openid bookings.read"), ("resource", ApiAddress)));
        await Allow(("scope", "openid bookings.read"), ("resource", ApiAddress));
        Assert.False(await IsAsked(("scope", "openid bookings.read"), ("resource", ApiAddress)));
        Assert.False(await IsAsked(("scope", "openid bookings.read")));
        Assert.True(await IsAsked(("scope", "openid bookings.read"), ("resource", MailAddress)));
        Assert.Contains($"At {ApiAddress}", (await visitor.Open("/account/apps")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Whoever_is_removed_or_suspended_takes_their_applications_along(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        foreach (var act in new[] { "suspend", "remove" })
        {
            var person = await crew.Add("member");
            var (visitor, tide) = (await app.SignedIn(person), Tide(app));
            async Task<VisitedPage> Ask() => await visitor.Open(tide.Authorize(("scope", "openid workspaces offline_access")));
            var tokens = (await tide.Exchange(tide.Back((await (await Ask()).Submit("button[value=allow]")).Answer)["code"])).Expect(200).Json;
            Assert.Equal(crew.Id, Text(await tide.Introspect(Text(tokens, "access_token")), "workspace_id"));
            (await (act == "remove" ? owner.Delete($"{crew.Api}/users/{person.Id}") : owner.Post($"{crew.Api}/users/{person.Id}/suspend"))).Expect(204);
            var after = await tide.Introspect(Text(tokens, "access_token"));
            Assert.False(after.GetProperty("active").GetBoolean());
            (await tide.UserInfo(Text(tokens, "access_token"))).Expect(401);
            (await tide.Refresh(Text(tokens, "refresh_token"))).Expect(400);
            // It has to be allowed anew, and reaches nothing there.
            var again = await (await Ask()).Submit("button[value=allow]");
            var fresh = (await tide.Exchange(tide.Back(again.Answer)["code"])).Expect(200).Json;
            Assert.False((await tide.Introspect(Text(fresh, "access_token"))).TryGetProperty("workspace_id", out _));
        }
    }

    [Theory, Engines]
    public async Task What_was_allowed_in_a_workspace_that_is_lost_does_not_come_back_with_another_consent(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var crew = await Crew.Found(app);
        var (owner, person) = (await app.SignedIn(await crew.Add("owner")), await crew.Add("member"));
        var (visitor, tide) = (await app.SignedIn(person), Tide(app));
        var first = await (await visitor.Open(tide.Authorize(("scope", "openid offline_access bookings.read"), ("resource", ApiAddress)))).Submit("button[value=allow]");
        var tokens = (await tide.Exchange(tide.Back(first.Answer)["code"])).Expect(200).Json;
        Assert.Equal(crew.Id, Text(await Api(app).Introspect(Text(tokens, "access_token")), "workspace_id"));
        (await owner.Delete($"{crew.Api}/users/{person.Id}")).Expect(204);
        // It asks for less, and gets no more than that.
        var second = await (await visitor.Open(tide.Authorize(("scope", "openid")))).Submit("button[value=allow]");
        (await tide.Exchange(tide.Back(second.Answer)["code"])).Expect(200);
        (await tide.Refresh(Text(tokens, "refresh_token"))).Expect(400);
        Assert.False(await Api(app).IsActive(Text(tokens, "access_token")));
        // Without a workspace what it may do at the product is nothing, until one is chosen.
        var third = await (await visitor.Open(tide.Authorize(("scope", "openid bookings.read"), ("resource", ApiAddress)))).Submit("button[value=allow]");
        var nowhere = (await tide.Exchange(tide.Back(third.Answer)["code"])).Expect(200).Json;
        Assert.False(await Api(app).IsActive(Text(nowhere, "access_token")));
        await crew.Join(person, "member");
        var fourth = await (await visitor.Open(tide.Authorize(("scope", "openid bookings.read"), ("resource", ApiAddress)))).Submit("button[value=allow]");
        Assert.Equal(crew.Id, Text(await Api(app).Introspect(Text((await tide.Exchange(tide.Back(fourth.Answer)["code"])).Expect(200).Json, "access_token")), "workspace_id"));
    }
}
