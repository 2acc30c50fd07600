using Holdfast.Features.OAuth;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Features.OAuth;

/// <summary>Keys that sign, one after the other.</summary>
public sealed class SigningKeysTests
{
    [Theory, Engines]
    public async Task The_next_key_is_published_a_day_before_it_signs_and_the_last_a_day_after(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (person, shop) = (await app.AddAccount(), Shop(app));
        async Task<string> Signs() => Text((await shop.Read(Text(await shop.Tokens(await app.SignedIn(person)), "id_token"))).Header, "kid");
        async Task<List<string>> Published() => [.. (await app.Visitor().Get("/oauth/jwks")).Expect(200).Json.GetProperty("keys").EnumerateArray().Select(k => Text(k, "kid"))];
        var first = await Signs();
        Assert.Equal([first], await Published());
        app.Clock.Advance(TimeSpan.FromDays(89) - TimeSpan.FromMinutes(1));
        Assert.Equal([first], await Published());
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var both = await Published();
        Assert.Equal(2, both.Count);
        Assert.Equal(first, await Signs());
        app.Clock.Advance(TimeSpan.FromDays(1));
        var second = await Signs();
        Assert.NotEqual(first, second);
        Assert.Equal(both.Order(StringComparer.Ordinal), (await Published()).Order(StringComparer.Ordinal));
        app.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        Assert.Equal([second], await Published());
        // The private part of a retired key is gone.
        Assert.Null((await app.Db.Read(SigningKeyTable.All)).Single(k => k.Id == first).PrivateKey);
    }

    [Theory, Engines]
    public async Task An_id_token_of_a_retired_key_still_signs_out(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount(), keep: true), Shop(app));
        var hint = Text(await shop.Tokens(visitor), "id_token");
        for (var i = 0; i < 6; i++)
        {
            app.Clock.Advance(TimeSpan.FromDays(14));
            (await visitor.Get("/api/v1/session")).Expect(200);
            await app.Get<SigningKeys>().Tend();
        }
        app.Clock.Advance(TimeSpan.FromDays(5));
        await app.Get<SigningKeys>().Tend();
        (await visitor.Get($"/oauth/logout?id_token_hint={hint}&post_logout_redirect_uri={Uri.EscapeDataString(AfterSignOut)}")).Expect(302);
        (await visitor.Get("/api/v1/session")).Expect(401);
    }

    [Theory, Engines]
    public async Task Of_many_that_make_the_next_key_at_once_one_does(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Get<SigningKeys>().Tend()));
        app.Clock.Advance(TimeSpan.FromDays(89.5));
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Get<SigningKeys>().Tend()));
        Assert.Equal(2, (await app.Db.Read(SigningKeyTable.All)).Count);
    }

    [Theory, Engines]
    public async Task The_private_part_is_sealed_by_a_key_that_is_not_in_the_database(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        await app.Get<SigningKeys>().Tend();
        var row = Assert.Single(await app.Db.Read(SigningKeyTable.All));
        using var ecdsa = System.Security.Cryptography.ECDsa.Create();
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => ecdsa.ImportPkcs8PrivateKey(row.PrivateKey, out _));
    }

    [Theory, Engines]
    public async Task A_key_that_leaked_is_replaced_at_once_and_nothing_that_it_signed_is_believed(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        async Task<List<string>> Published() => [.. (await app.Visitor().Get("/oauth/jwks")).Expect(200).Json.GetProperty("keys").EnumerateArray().Select(k => Text(k, "kid"))];
        var hint = Text(await shop.Tokens(visitor), "id_token");
        var leaked = Assert.Single(await Published());
        // The next is out already: it may have leaked with the first.
        app.Clock.Advance(TimeSpan.FromDays(89.5));
        Assert.Equal(2, (await Published()).Count);
        visitor = await app.SignedIn(await app.AddAccount("second@example.com"));
        var fresh = (await new ChangeSigningKey(app.Db, app.Get<SigningKeys>(), app.Clock).Run(leaked: true)).Value.Id;
        Assert.Equal([fresh], await Published());
        Assert.NotEqual(leaked, fresh);
        Assert.Equal(fresh, Text((await shop.Read(Text(await shop.Tokens(visitor), "id_token"))).Header, "kid"));
        // Its tokens end nobody's session any more without a question.
        Assert.Null(await app.Get<SigningKeys>().Read(hint, "JWT"));
        Assert.Equal(fresh, Assert.Single(await app.Db.Read(SigningKeyTable.All)).Id);
    }

    [Theory, Engines]
    public async Task A_key_that_is_changed_early_is_published_a_day_before_it_signs_and_only_one_is_on_its_way(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        await app.Get<SigningKeys>().Tend();
        var change = new ChangeSigningKey(app.Db, app.Get<SigningKeys>(), app.Clock);
        var next = (await change.Run(leaked: false)).Value;
        Assert.Equal(app.Clock.GetUtcNow().AddDays(1), next.SignsFrom);
        Assert.Equal("signing_key.next_is_out", (await change.Run(leaked: false)).Refusal?.Code);
        Assert.Equal(2, (await app.Db.Read(SigningKeyTable.All)).Count);
        app.Clock.Advance(TimeSpan.FromDays(2.1));
        await app.Get<SigningKeys>().Tend();
        Assert.Equal(next.Id, (await app.Db.Read(SigningKeyTable.All)).Single(k => k.RetiredAt is null).Id);
    }

    [Fact]
    public void What_other_nodes_are_told_of_a_changed_key_reaches_them_as_it_was_said() =>
        Assert.Equal(ChangeSigningKey.Topic, Holdfast.Storage.Announcement.Parse(new Holdfast.Storage.Announcement(ChangeSigningKey.Topic, "").ToString())?.Topic);

    [Theory, Engines]
    public async Task After_a_leak_whoever_comes_with_an_old_id_token_is_asked_whether_to_sign_out(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var hint = Text(await shop.Tokens(visitor), "id_token");
        Assert.True((await new ChangeSigningKey(app.Db, app.Get<SigningKeys>(), app.Clock).Run(leaked: true)).Ok);
        foreach (var more in new[] { "", $"&post_logout_redirect_uri={Uri.EscapeDataString(AfterSignOut)}", $"&client_id=shop&post_logout_redirect_uri={Uri.EscapeDataString(AfterSignOut)}" })
        {
            var page = await visitor.Open($"/oauth/logout?id_token_hint={hint}{more}");
            Assert.Equal(200, page.Answer.Status);
            Assert.NotNull(page.Document.QuerySelector("form[action='/oauth/logout/confirm']"));
            (await visitor.Get("/api/v1/session")).Expect(200);
        }
    }
}
