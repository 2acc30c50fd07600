using FsCheck;
using FsCheck.Fluent;
using Holdfast.Features.ForwardAuth;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class ForwardAuthTests
{
    private static readonly Dictionary<string, string?> BehindProxy = new() { ["Proxy:Addresses"] = "127.0.0.1" };

    [Theory, Engines]
    public async Task Somebody_signed_in_passes_with_every_header_and_none_of_them_is_empty(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var answer = (await visitor.Get("/forward-auth")).Expect(200);
        Assert.Empty(answer.Body);
        Assert.All(IdentityHeaders.All, name => Assert.NotEmpty(answer.Header(name)!));
        Assert.Equal((person.Id, person.Email, "none", "false"), (answer.Header(IdentityHeaders.Account), answer.Header(IdentityHeaders.Email), answer.Header(IdentityHeaders.Workspaces), answer.Header(IdentityHeaders.Operator)));
        Assert.DoesNotContain(visitor.Token, answer.ToString(), StringComparison.Ordinal);
        // A changed name is there at once.
        (await visitor.Patch("/api/v1/account", new { name = "Élise" })).Expect(200);
        Assert.Equal("%C3%89lise", (await visitor.Get("/forward-auth")).Header(IdentityHeaders.Name));
    }

    [Theory, Engines]
    public async Task It_answers_any_method_and_does_not_judge_what_the_request_is_for(string engine)
    {
        await using var app = await TestApp.Start(engine, BehindProxy);
        var visitor = await app.SignedIn(await app.AddAccount());
        var stranger = app.Visitor();
        foreach (var method in new[] { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND" })
        {
            foreach (var site in new[] { "cross-site", "same-site", "same-origin", "none" })
            {
                visitor.Headers["Sec-Fetch-Site"] = stranger.Headers["Sec-Fetch-Site"] = site;
                (await visitor.Send(new HttpMethod(method), "/forward-auth", null)).Expect(200);
                Assert.Equal(401, (await stranger.Send(new HttpMethod(method), "/forward-auth", null)).Status);
            }
        }
    }

    [Theory, Engines]
    public async Task It_counts_as_use_and_ends_with_the_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        for (var i = 0; i < 3; i++)
        {
            app.Clock.Advance(TimeSpan.FromHours(11));
            (await visitor.Get("/forward-auth")).Expect(200);
        }
        app.Clock.Advance(TimeSpan.FromHours(12));
        (await visitor.Get("/forward-auth")).Expect(401, "session.ended");
    }

    [Theory, Engines]
    public async Task A_page_is_sent_to_sign_in_and_a_script_is_not(string engine)
    {
        await using var app = await TestApp.Start(engine, BehindProxy);
        foreach (var (accept, mode, method, isPage) in new[]
        {
            ("text/html", "", "GET", true), ("text/html", "navigate", "GET", true), ("*/*", "navigate", "GET", true), ("text/html", "navigate", "HEAD", true), ("text/html", "cors", "GET", false),
            ("application/json", "", "GET", false), ("text/html", "navigate", "POST", false), ("image/webp", "no-cors", "GET", false), ("text/event-stream", "cors", "GET", false), ("", "websocket", "GET", false),
        })
        {
            var visitor = app.Visitor();
            if (accept.Length > 0) visitor.Headers["Accept"] = accept;
            if (mode.Length > 0) visitor.Headers["Sec-Fetch-Mode"] = mode;
            (visitor.Headers["X-Forwarded-Method"], visitor.Headers["X-Forwarded-Uri"]) = (method, "/reports?a=b&c");
            var answer = await visitor.Get("/forward-auth");
            if (isPage) Assert.Equal($"{TestSettings.PublicUrl}/sign-in?return=%2Freports%3Fa%3Db%26c", answer.Expect(302).Location);
            else answer.Expect(401, "session.required");
            // nginx wants 401 whatever it is, and makes the redirect itself.
            visitor.Headers.Remove("X-Forwarded-Uri");
            (visitor.Headers["X-Original-URI"], visitor.Headers["X-Original-Method"]) = ("/reports?a=b&c", method);
            Assert.Equal(isPage ? $"{TestSettings.PublicUrl}/sign-in?return=%2Freports%3Fa%3Db%26c" : null, (await visitor.Get("/forward-auth")).Expect(401, "session.required").Header("Holdfast-Sign-In"));
        }
    }

    [Theory, Engines]
    public async Task A_part_of_the_product_may_ask_for_a_workspace_and_a_role(string engine)
    {
        await using var app = await TestApp.Start(engine, BehindProxy);
        var person = await app.AddAccount(workspace: "Almond & Birch");
        var visitor = await app.SignedIn(person);
        var id = (await visitor.Get("/api/v1/session")).Json.GetProperty("workspaces")[0].GetProperty("id").GetString();
        foreach (var (query, status, code) in new (string, int, string?)[]
        {
            ("", 200, null), ("?workspace=almond-birch", 200, null), ($"?workspace={id}", 200, null), ("?workspace=almond-birch&role=member", 200, null), ("?workspace=almond-birch&role=owner,member", 200, null),
            ("?workspace=almond-birch&role=owner", 403, "forward_auth.not_allowed"), ("?workspace=quayside", 403, "forward_auth.not_allowed"), ("?workspace=Almond-Birch", 403, "forward_auth.not_allowed"), ("?workspace=almond-birch&role=memb", 403, "forward_auth.not_allowed"),
            ("?worksapce=almond-birch", 400, "forward_auth.query"), ("?role=member", 400, "forward_auth.query"), ("?workspace=", 400, "forward_auth.query"), ("?workspace=almond-birch&role=", 400, "forward_auth.query"),
            ("?workspace=almond-birch&role=,", 400, "forward_auth.query"), ("?workspace=almond-birch&workspace=quayside", 400, "forward_auth.query"), ("?workspace=almond-birch&Role=owner", 400, "forward_auth.query"), ("?x", 400, "forward_auth.query"),
        })
        {
            (await visitor.Get("/forward-auth" + query)).Expect(status, code);
            (await app.Visitor().Get("/forward-auth" + query)).Expect(status == 400 ? 400 : 401, status == 400 ? code : "session.required");
        }
        // A person sees a page about it, where the proxy hands it on.
        (visitor.Headers["Accept"], visitor.Headers["X-Forwarded-Uri"]) = ("text/html", "/admin");
        var page = (await visitor.Get("/forward-auth?workspace=quayside")).Expect(403);
        Assert.StartsWith("text/html", page.ContentType, StringComparison.Ordinal);
        Assert.Contains("Your account may not open this part", page.Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Who_is_in_very_many_workspaces_is_told_of_the_first_and_that_there_are_more(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await app.Db.Write(async tx =>
        {
            for (var i = 0; i < 45; i++) await WorkspaceTable.AddMember(tx, await WorkspaceTable.Insert(tx, $"A workspace with a rather long name {i:00}", app.Now), person.Id, "member", app.Now);
            return 0;
        });
        var answer = (await (await app.SignedIn(person)).Get("/forward-auth")).Expect(200);
        var list = answer.Header(IdentityHeaders.Workspaces)!.Split(',');
        Assert.Equal((IdentityHeaders.MostWorkspaces + 1, "more"), (list.Length, list[^1]));
        // What the guide's nginx sets aside for the head of an answer.
        Assert.InRange(answer.Headers.Sum(h => h.Value.Sum(v => h.Key.Length + v.Length + 4)), 1, 7000);
    }

    [Fact]
    public void Whatever_a_name_is_it_travels_as_ASCII_and_comes_back()
    {
        Prop.ForAll<string>(text =>
        {
            if (text is null || text.EnumerateRunes().Any(rune => rune == System.Text.Rune.ReplacementChar)) return true;
            foreach (var separators in new[] { "", ":, " })
            {
                var encoded = IdentityHeaders.Encode(text, separators);
                if (Uri.UnescapeDataString(encoded) != text || encoded.Any(c => c is < ' ' or > '~') || encoded != encoded.Trim() || encoded.IndexOfAny([.. separators]) >= 0) return false;
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
        Assert.Equal(("%20a b%20%20", "%20", "a+b@c.example", "100%25"), (IdentityHeaders.Encode(" a b  "), IdentityHeaders.Encode(" "), IdentityHeaders.Encode("a+b@c.example"), IdentityHeaders.Encode("100%")));
    }
}
