using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Holdfast.Features.OAuth;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Features.OAuth;

/// <summary>Signing out at an application, and telling all others that a session is over.</summary>
public sealed class SignOutTests
{
    private const string BackChannel = "http://schemas.openid.net/event/backchannel-logout";

    [Theory, Engines]
    public async Task Who_signs_out_at_an_application_is_signed_out_here_and_goes_back(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var tokens = await shop.Tokens(visitor);
        var answer = (await visitor.Get(Logout(("id_token_hint", Text(tokens, "id_token")), ("post_logout_redirect_uri", AfterSignOut), ("state", "s & t")))).Expect(302);
        Assert.Equal($"{AfterSignOut}?state=s%20%26%20t", answer.Location);
        (await visitor.Get("/api/v1/session")).Expect(401);
        Assert.False(await shop.IsActive(Text(tokens, "access_token")));
        // Once more, by somebody who is signed out: back all the same.
        Assert.StartsWith(AfterSignOut, (await visitor.Get(Logout(("client_id", "shop"), ("post_logout_redirect_uri", AfterSignOut)))).Expect(302).Location, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Without_the_proof_that_it_is_its_session_the_person_is_asked(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, other, shop) = (await app.SignedIn(person), await app.SignedIn(person), Shop(app));
        var hint = Text(await shop.Tokens(other), "id_token");
        foreach (var query in new[] { Logout(), Logout(("client_id", "shop")), Logout(("client_id", "shop"), ("post_logout_redirect_uri", AfterSignOut)), Logout(("id_token_hint", hint), ("post_logout_redirect_uri", AfterSignOut)) })
        {
            var page = await visitor.Open(query);
            Assert.Contains("Sign out?", page.Text, StringComparison.Ordinal);
            (await visitor.Get("/api/v1/session")).Expect(200);
        }
        var asked = await visitor.Open(Logout(("client_id", "shop"), ("post_logout_redirect_uri", AfterSignOut)));
        using (var forged = new FormUrlEncodedContent([new("request", "?client_id=shop")])) (await visitor.Send(HttpMethod.Post, "/oauth/logout/confirm", forged)).Expect(400);
        var leaving = await asked.Submit("form");
        Assert.Equal($"0; url={AfterSignOut}", leaving.Answer.Header("Refresh"));
        (await visitor.Get("/api/v1/session")).Expect(401);
        (await other.Get("/api/v1/session")).Expect(200);
    }

    [Theory, Engines]
    public async Task An_address_that_is_not_registered_signs_nobody_out_and_sends_nobody_anywhere(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var hint = Text(await shop.Tokens(visitor), "id_token");
        foreach (var address in new[] { AfterSignOut + "/", AfterSignOut + "?x", "https://evil.example/", ShopRedirect })
        {
            var answer = (await visitor.Get(Logout(("id_token_hint", hint), ("post_logout_redirect_uri", address)))).Expect(400);
            Assert.Null(answer.Location);
        }
        foreach (var wrong in new[] { Logout(("post_logout_redirect_uri", AfterSignOut)), Logout(("id_token_hint", hint), ("client_id", "tide")), Logout(("client_id", "nobody")) }) (await visitor.Get(wrong)).Expect(400);
        // What no key of ours signed says nothing: the person is asked, and sent nowhere.
        var forged = await visitor.Open(Logout(("id_token_hint", hint[..^4] + "AAAA"), ("post_logout_redirect_uri", AfterSignOut)));
        Assert.Equal(200, forged.Answer.Status);
        Assert.DoesNotContain("app.quayside.example", forged.Document.QuerySelector("main")!.InnerHtml.Replace(Uri.EscapeDataString(AfterSignOut), "", StringComparison.Ordinal), StringComparison.Ordinal);
        (await visitor.Get("/api/v1/session")).Expect(200);
    }

    [Theory, Engines("sign-out", "others", "idle")]
    public async Task Each_application_that_had_tokens_is_told_that_the_session_is_over(string engine, string how)
    {
        await using var product = new Receiver();
        await using var app = await TestApp.Start(engine, Settings.Concat([new("OAuth:Clients:shop:LogoutAddress", product.Address)]).ToDictionary(p => p.Key, p => p.Value));
        var person = await app.AddAccount();
        var (visitor, other, shop) = (await app.SignedIn(person), await app.SignedIn(person), Shop(app));
        var sid = Text((await shop.Read(Text(await shop.Tokens(visitor), "id_token"))).Claims, "sid");
        await shop.Tokens(visitor);
        switch (how)
        {
            case "sign-out": (await visitor.Post("/api/v1/sign-out")).Expect(204); break;
            case "others": (await other.Post("/api/v1/sessions/end-others")).Expect(200); break;
            case "idle":
                app.Clock.Advance(TimeSpan.FromHours(12));
                await app.Tidy();
                break;
        }
        var token = await product.Next();
        var (header, claims) = await shop.Read(token);
        Assert.Equal("logout+jwt", Text(header, "typ"));
        Assert.Equal((TestSettings.PublicUrl, "shop", person.Id, sid), (Text(claims, "iss"), Text(claims, "aud"), Text(claims, "sub"), Text(claims, "sid")));
        Assert.Equal(JsonValueKind.Object, claims.GetProperty("events").GetProperty(BackChannel).ValueKind);
        Assert.NotEmpty(Text(claims, "jti"));
        Assert.False(claims.TryGetProperty("nonce", out _));
        // Once for the session, however many tokens there were.
        await Settled(app);
        Assert.Empty(product.Rest);
        // It is no id token: nobody is signed out with it.
        (await other.Get(Logout(("id_token_hint", token)))).Expect(200);
    }

    [Theory, Engines]
    public async Task An_application_that_does_not_answer_is_told_again_and_its_redirects_are_not_followed(string engine)
    {
        await using var elsewhere = new Receiver();
        await using var product = new Receiver();
        await using var app = await TestApp.Start(engine, Settings.Concat([new("OAuth:Clients:shop:LogoutAddress", product.Address)]).ToDictionary(p => p.Key, p => p.Value));
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        await shop.Tokens(visitor);
        (product.Status, product.Location) = (302, elsewhere.Address);
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
        var first = await product.Next();
        product.Status = 200;
        // The wait begins when the answer was read, which is a moment after it was given.
        var second = await product.Next(() => app.Clock.Advance(TimeSpan.FromMinutes(1)));
        // The same event, so the same jti: who was told already knows it.
        Assert.Equal(Text((await shop.Read(first)).Claims, "jti"), Text((await shop.Read(second)).Claims, "jti"));
        await Settled(app);
        Assert.Empty(elsewhere.Rest);
    }

    private static string Logout(params (string Name, string Value)[] parameters) => "/oauth/logout?" + string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"));

    private static async Task Settled(TestApp app)
    {
        for (var tries = 0; await app.Db.Read(LogoutTable.Waiting) > 0; tries++)
        {
            if (tries > 200) throw new TimeoutException("Sign-outs are still waiting");
            await Task.Delay(50);
        }
    }

    /// <summary>A small server that hears of sign-outs.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly LoopbackListener _listener;
        private readonly ConcurrentQueue<string> _heard = new();
        private readonly SemaphoreSlim _arrived = new(0);

        public Receiver() => _listener = new LoopbackListener(Hear);

        public string Address => _listener.Address + "/logout";

        public int Status { get; set; } = 200;

        public string? Location { get; set; }

        public IReadOnlyList<string> Rest => [.. _heard];

        public async Task<string> Next(Action? meanwhile = null)
        {
            for (var tries = 0; !await _arrived.WaitAsync(TimeSpan.FromMilliseconds(500)); tries++)
            {
                if (tries > 60) throw new TimeoutException("Nobody told of a sign-out");
                meanwhile?.Invoke();
            }
            return _heard.TryDequeue(out var token) ? token : throw new InvalidOperationException();
        }

        public async ValueTask DisposeAsync()
        {
            await _listener.DisposeAsync();
            _arrived.Dispose();
        }

        private async Task Hear(HttpListenerContext context)
        {
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            var form = QueryHelpers.ParseQuery(await reader.ReadToEndAsync());
            context.Response.StatusCode = Status;
            if (Location is not null) context.Response.RedirectLocation = Location;
            context.Response.Close();
            _heard.Enqueue(form.TryGetValue("logout_token", out var token) ? token.ToString() : "");
            _arrived.Release();
        }
    }
}
