using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Xunit;

namespace Holdfast.Tests.Storage;

public sealed class SessionCacheTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    private static SignedIn Somebody(string account = "a") => new(
        new Session { AccountId = account, Id = "s", TokenHash = SecretToken.New().Hash, SignedInWith = "password", ProvenWith = "password", Address = "", UserAgent = "" },
        new Account { Id = account, Email = "a@b.example", Name = "A" }, [], Now.AddDays(1));

    private static Announcement Ended(SignedIn who) => new("session", Convert.ToHexString(who.Session.TokenHash.ToBytes()));

    private static (SessionCache Cache, Announcements Line) Made(int capacity = 100)
    {
        var line = new Announcements(TimeProvider.System);
        return (new SessionCache(line, capacity), line);
    }

    [Fact]
    public void What_was_read_before_an_announcement_is_not_put_after_it()
    {
        var (cache, line) = Made();
        var (who, other) = (Somebody(), Somebody());
        var epoch = cache.Epoch;
        line.Tell(Ended(who));
        cache.Put(who, epoch);
        Assert.Null(cache.Find(who.Session.TokenHash));
        // Whatever the announcement was about: what was read may depend on it.
        epoch = cache.Epoch;
        line.Tell(new Announcement("account", "somebody else"));
        cache.Put(other, epoch);
        Assert.Null(cache.Find(other.Session.TokenHash));
        cache.Put(other, cache.Epoch);
        Assert.Same(other, cache.Find(other.Session.TokenHash));
    }

    [Fact]
    public void An_account_takes_all_its_sessions_with_it_from_both_generations()
    {
        var (cache, line) = Made(capacity: 8);
        var mine = Enumerable.Range(0, 6).Select(_ => Somebody()).ToList();
        var other = Somebody("b");
        foreach (var who in mine) cache.Put(who, cache.Epoch);
        cache.Put(other, cache.Epoch);
        line.Tell(new Announcement("account", "a"));
        Assert.All(mine, who => Assert.Null(cache.Find(who.Session.TokenHash)));
        Assert.Same(other, cache.Find(other.Session.TokenHash));
    }

    [Fact]
    public void It_holds_no_more_than_its_capacity_and_keeps_what_is_used()
    {
        var (cache, _) = Made(capacity: 10);
        var used = Somebody();
        cache.Put(used, cache.Epoch);
        for (var i = 0; i < 100; i++)
        {
            cache.Put(Somebody(), cache.Epoch);
            Assert.InRange(cache.Count, 1, 10);
            Assert.Same(used, cache.Find(used.Session.TokenHash));
        }
    }

    [Fact]
    public void Tokens_that_came_and_went_leave_nothing_behind()
    {
        var (cache, line) = Made();
        var stays = Somebody();
        cache.Put(stays, cache.Epoch);
        for (var i = 0; i < 1000; i++)
        {
            var renewed = Somebody();
            cache.Put(renewed, cache.Epoch);
            line.Tell(Ended(renewed));
            Assert.Equal((1, 1), (cache.Count, cache.CountByAccount));
        }
        line.Tell(new Announcement("account", "a"));
        Assert.Equal((0, 0), (cache.Count, cache.CountByAccount));
    }

    [Theory]
    [InlineData("session", "no hash")]
    [InlineData("session", "")]
    [InlineData("account", "")]
    [InlineData("nonsense", "x")]
    public void An_announcement_that_names_nothing_does_no_harm(string topic, string id)
    {
        var (cache, line) = Made();
        var who = Somebody();
        cache.Put(who, cache.Epoch);
        line.Tell(new Announcement(topic, id));
        Assert.Same(who, cache.Find(who.Session.TokenHash));
        Assert.Equal(new Announcement(topic, id), Announcement.Parse($"{topic} {id}"));
    }

    [Fact]
    public async Task What_was_revoked_never_comes_back_however_the_generations_turn()
    {
        var (cache, line) = Made(capacity: 4);
        using var stop = new CancellationTokenSource();
        SignedIn watched = Somebody();
        var finders = Enumerable.Range(0, 3).Select(_ => Task.Run(() => { while (!stop.IsCancellationRequested) cache.Find(Volatile.Read(ref watched).Session.TokenHash); })).ToList();
        for (var round = 0; round < 5000; round++)
        {
            var who = Somebody();
            cache.Put(who, cache.Epoch);
            Volatile.Write(ref watched, who);
            for (var i = 0; i < round % 5; i++) cache.Put(Somebody("b"), cache.Epoch);
            line.Tell(Ended(who));
            Assert.Null(cache.Find(who.Session.TokenHash));
            if (round % 4 == 0) await Task.Yield();
            Assert.Null(cache.Find(who.Session.TokenHash));
        }
        await stop.CancelAsync();
        await Task.WhenAll(finders);
    }
}
