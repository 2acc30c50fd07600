extern alias HoldfastClient;

using System.Collections.Concurrent;
using Holdfast.Features.Accounts;
using Holdfast.Tests.Support;
using HoldfastClient::Holdfast.Client;
using Xunit;

namespace Holdfast.Tests.Products;

/// <summary>What Holdfast ends is over at the product: by the back channel, without it, on every process, and while Holdfast cannot be asked.</summary>
public sealed class EndedSessionsTests
{
    [Theory, Engines("sign-out", "others", "password", "suspend")]
    public async Task A_session_that_Holdfast_ended_is_refused_on_the_products_next_request_without_any_back_channel(string engine, string how)
    {
        await using var trust = await Trust.Start(engine, backChannel: false);
        var (person, holdfast, here) = await trust.SignedIn();
        (await here.Get("/orders")).Expect(200);
        await End(trust.App, person, holdfast, how);
        (await here.Get("/orders")).Expect(303);
        Assert.Equal("Nobody", (await here.Get("/")).Body);
    }

    [Theory, Engines]
    public async Task The_back_channel_ends_it_even_where_the_product_does_not_ask(string engine)
    {
        await using var trust = await Trust.Start(engine, options => options.CheckEvery = TimeSpan.FromMinutes(5), other: "second");
        var (person, holdfast, here) = await trust.SignedIn();
        var there = await trust.Other!.SignedIn(holdfast);
        var another = await trust.Product.SignedIn(await trust.App.SignedIn(person));
        (await here.Get("/orders")).Expect(200);
        (await holdfast.Post("/api/v1/sign-out")).Expect(204);
        await Until(async () => (await here.Get("/orders")).Status == 303 && (await there.Get("/orders")).Status == 303);
        // That session and no other.
        (await another.Get("/orders")).Expect(200);
    }

    [Theory, Engines]
    public async Task How_old_an_answer_may_be_is_what_the_setting_says(string engine)
    {
        await using var trust = await Trust.Start(engine, options => options.CheckEvery = TimeSpan.FromSeconds(5), backChannel: false);
        var (_, holdfast, here) = await trust.SignedIn();
        (await here.Get("/orders")).Expect(200);
        var calls = trust.Product.Wire.Calls;
        (await holdfast.Post("/api/v1/sign-out")).Expect(204);
        trust.App.Clock.Advance(TimeSpan.FromSeconds(4.9));
        (await here.Get("/orders")).Expect(200);
        Assert.Equal(calls, trust.Product.Wire.Calls);
        trust.App.Clock.Advance(TimeSpan.FromSeconds(0.1));
        (await here.Get("/orders")).Expect(303);
    }

    [Theory, Engines]
    public async Task While_Holdfast_is_down_people_stay_in_for_the_allowed_time_and_then_nobody_is_believed(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (_, holdfast, here) = await trust.SignedIn();
        (await here.Get("/orders")).Expect(200);
        trust.Product.Wire.IsDown = true;
        trust.App.Clock.Advance(TimeSpan.FromMinutes(1));
        (await here.Get("/orders")).Expect(200);
        trust.App.Clock.Advance(TimeSpan.FromSeconds(1));
        var told = (await here.Get("/orders")).Expect(503);
        Assert.Equal("5", told.Header("Retry-After"));
        Assert.Contains("You have not been signed out", told.Body, StringComparison.Ordinal);
        Assert.Equal("Nobody", (await here.Get("/")).Body);
        // Nobody was signed out by it.
        trust.Product.Wire.IsDown = false;
        await Until(async () => (await here.Get("/orders")).Status == 200);
        // What ended meanwhile is over.
        trust.Product.Wire.IsDown = true;
        (await holdfast.Post("/api/v1/sign-out")).Expect(204);
        trust.Product.Wire.IsDown = false;
        await Until(async () => (await here.Get("/orders")).Status == 303);
    }

    [Theory]
    [InlineData("/oauth/userinfo", 500)]
    [InlineData("/oauth/userinfo", 429)]
    [InlineData("/oauth/userinfo", 302)]
    [InlineData("/oauth/userinfo", 200)]
    [InlineData("/oauth/token", 401)]
    [InlineData("/oauth/token", 500)]
    [InlineData("/oauth/token", 200)]
    public async Task An_answer_that_tells_nothing_signs_nobody_out_and_keeps_nobody_in_for_long(string path, int status)
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite, options => options.UnreachableFor = TimeSpan.FromMinutes(15));
        var (_, _, here) = await trust.SignedIn();
        trust.Product.Wire.Fault = (path, status);
        trust.App.Clock.Advance(TimeSpan.FromMinutes(10));
        (await here.Get("/orders")).Expect(200);
        trust.App.Clock.Advance(TimeSpan.FromMinutes(10));
        (await here.Get("/orders")).Expect(503);
        trust.Product.Wire.Fault = null;
        (await here.Get("/orders")).Expect(200);
    }

    [Fact]
    public async Task Without_Holdfast_nobody_can_begin_to_sign_in_and_is_told_so()
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite);
        trust.Product.Wire.IsDown = true;
        Assert.Contains("Just a moment", (await trust.Product.Visitor().Get("/orders")).Expect(503).Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_end_that_comes_in_while_the_person_is_on_their_way_is_not_overtaken(string engine)
    {
        await using var trust = await Trust.Start(engine, options => options.CheckEvery = TimeSpan.FromMinutes(5));
        var (_, holdfast, _) = await trust.SignedIn();
        var here = trust.Product.Visitor();
        var back = await trust.Product.Ask(here, holdfast);
        // The last answer of Holdfast is still true when it is given; then the session ends, and word of it is faster than the product.
        trust.Product.Wire.Change = ("/oauth/userinfo", async answer =>
        {
            _ = answer;
            trust.Product.Wire.Change = null;
            (await holdfast.Post("/api/v1/sign-out")).Expect(204);
            await Until(() => Task.FromResult(trust.Product.Logs.Everything.Contains("Holdfast ended session", StringComparison.Ordinal)));
        }
        );
        (await here.Get(back)).Expect(400);
        (await here.Get("/orders")).Expect(303);
    }

    [Theory, Engines]
    public async Task Several_processes_of_a_product_share_their_sessions_and_their_ends(string engine)
    {
        var store = new SharedStore();
        await using var trust = await Trust.Start(engine, options => options.CheckEvery = TimeSpan.FromMinutes(5), sessions: store, other: "shop");
        var (_, holdfast, here) = await trust.SignedIn();
        Assert.DoesNotContain(store.Entries, e => System.Text.Encoding.UTF8.GetString(e.Content.Span).Contains("hf_", StringComparison.Ordinal) || here.Cookies.ContainsValue(e.Key));
        // One browser, two processes behind one address.
        var there = trust.Other!.Visitor();
        foreach (var (name, value) in here.Cookies) there.Cookies[name] = value;
        (await there.Get("/orders")).Expect(200);
        for (var i = 0; i < 3; i++)
        {
            trust.App.Clock.Advance(TimeSpan.FromMinutes(6));
            var both = await Task.WhenAll(here.Get("/orders"), there.Get("/orders"));
            Assert.All(both, answer => answer.Expect(200));
        }
        (await holdfast.Post("/api/v1/sign-out")).Expect(204);
        await Until(async () => (await there.Get("/orders")).Status == 303 && (await here.Get("/orders")).Status == 303);
        Assert.Empty(store.Entries);
    }

    [Theory, Engines]
    public async Task A_store_that_fails_fails_aloud_and_Holdfast_tells_again(string engine)
    {
        var store = new SharedStore();
        await using var trust = await Trust.Start(engine, options => options.CheckEvery = TimeSpan.FromMinutes(5), sessions: store);
        var (_, holdfast, here) = await trust.SignedIn();
        store.IsBroken = true;
        (await holdfast.Post("/api/v1/sign-out")).Expect(204);
        await Until(() => Task.FromResult(store.Failures > 0));
        store.IsBroken = false;
        (await here.Get("/orders")).Expect(200);
        // The same token's number comes again, and is not refused for it.
        await Until(async () =>
        {
            trust.App.Clock.Advance(TimeSpan.FromSeconds(5));
            return (await here.Get("/orders")).Status == 303;
        });
    }

    [Fact]
    public async Task A_session_that_nobody_uses_ends_by_itself()
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite, options => options.IdleFor = TimeSpan.FromMinutes(30));
        var (_, _, here) = await trust.SignedIn();
        trust.App.Clock.Advance(TimeSpan.FromMinutes(29));
        (await here.Get("/orders")).Expect(200);
        trust.App.Clock.Advance(TimeSpan.FromMinutes(29));
        (await here.Get("/orders")).Expect(200);
        trust.App.Clock.Advance(TimeSpan.FromMinutes(30));
        (await here.Get("/orders")).Expect(303);
    }

    private static async Task End(TestApp app, Person person, Visitor holdfast, string how)
    {
        switch (how)
        {
            case "sign-out": (await holdfast.Post("/api/v1/sign-out")).Expect(204); break;
            case "others": (await (await app.SignedIn(person)).Post("/api/v1/sessions/end-others")).Expect(200); break;
            case "password": (await (await app.SignedIn(person)).ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200); break;
            case "suspend": Assert.True((await app.Get<SuspendAccount>().Suspend(person.Email)).Ok); break;
            default: throw new ArgumentOutOfRangeException(nameof(how), how, null);
        }
    }

    private static async Task Until(Func<Task<bool>> true_)
    {
        for (var i = 0; !await true_(); i++)
        {
            if (i > 600) throw new TimeoutException("Waited fifteen seconds");
            await Task.Delay(25);
        }
    }

    /// <summary>As a table in a database would be.</summary>
    private sealed class SharedStore : IHoldfastSessions
    {
        private readonly ConcurrentDictionary<string, HoldfastSessionEntry> _entries = new();
        private readonly ConcurrentDictionary<string, bool> _ended = new();

        public IReadOnlyCollection<HoldfastSessionEntry> Entries => [.. _entries.Values];

        public bool IsBroken { get; set; }

        public int Failures { get; private set; }

        public Task<bool> Add(HoldfastSessionEntry entry, CancellationToken cancel) => Task.FromResult(!_ended.ContainsKey(entry.SessionId) && _entries.TryAdd(entry.Key, entry));

        public Task<HoldfastSessionEntry?> Find(string key, CancellationToken cancel) => Task.FromResult(_entries.GetValueOrDefault(key));

        public Task<bool> Replace(HoldfastSessionEntry entry, CancellationToken cancel)
        {
            // Another process may be quicker: only what was removed stays away.
            while (_entries.TryGetValue(entry.Key, out var old)) if (_entries.TryUpdate(entry.Key, entry, old)) return Task.FromResult(true);
            return Task.FromResult(false);
        }

        public Task Remove(string key, CancellationToken cancel)
        {
            _entries.TryRemove(key, out _);
            return Task.CompletedTask;
        }

        public Task End(string sessionId, CancellationToken cancel)
        {
            if (IsBroken)
            {
                Failures++;
                throw new IOException("The database is away");
            }
            _ended[sessionId] = true;
            foreach (var entry in _entries.Values.Where(e => e.SessionId == sessionId)) _entries.TryRemove(entry.Key, out _);
            return Task.CompletedTask;
        }
    }
}
