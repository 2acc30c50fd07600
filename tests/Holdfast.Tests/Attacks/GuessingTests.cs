using System.Diagnostics;
using System.Globalization;
using Holdfast.Features.Passwords;
using Holdfast.Features.SignIn;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class GuessingTests
{
    private const string Wrong = "no, not this one";

    private static readonly Dictionary<string, string?> BehindProxy = new() { ["Proxy:Addresses"] = "127.0.0.1", ["SignIn:NetworkLimit"] = "5" };

    [Theory, Engines]
    public async Task A_hundred_wrong_guesses_at_once_get_no_more_tries_than_one_after_the_other(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (one, two) = (await app.AddAccount(), await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        var oneByOne = 0;
        for (var i = 0; i < 20; i++) oneByOne += (await app.Visitor().SignIn(one.Email, Wrong)).Status == 401 ? 1 : 0;
        Assert.Equal(5, oneByOne);
        var comparisons = app.Get<PasswordHasher>().Comparisons;
        // The last guess is the right one: it must not slip through either.
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => app.Visitor().SignIn(two.Email, Wrong + i)));
        Assert.Equal(5, answers.Count(answer => answer.Code == "sign_in.wrong"));
        Assert.Equal(95, answers.Count(answer => answer.Code == "sign_in.wait"));
        Assert.Equal(5, app.Get<PasswordHasher>().Comparisons - comparisons);
        (await app.Visitor().SignIn(two.Email, two.Password)).Expect(429, "sign_in.wait");
    }

    [Theory, Engines("tomasz@almondbirch.example", "nobody@almondbirch.example")]
    public async Task Waits_double_up_to_a_quarter_of_an_hour_for_known_and_unknown_addresses_alike(string engine, string email)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "1000" });
        _ = await app.AddAccount();
        for (var i = 0; i < 5; i++) (await app.Visitor().SignIn(email, Wrong)).Expect(401, "sign_in.wrong");
        foreach (var wait in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900 })
        {
            var refused = (await app.Visitor().SignIn(email, TestApp.Password)).Expect(429, "sign_in.wait");
            Assert.Equal(wait.ToString(CultureInfo.InvariantCulture), refused.Header("Retry-After"));
            app.Clock.Advance(TimeSpan.FromSeconds(wait - 1));
            (await app.Visitor().SignIn(email, TestApp.Password)).Expect(429, "sign_in.wait");
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            (await app.Visitor().SignIn(email, Wrong)).Expect(401, "sign_in.wrong");
        }
    }

    [Theory, Engines]
    public async Task Strangers_cannot_lock_out_a_browser_that_has_been_here_before(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:StopAt"] = "10", ["SignIn:LongestWait"] = "1m" });
        var person = await app.AddAccount();
        var known = await app.SignedIn(person);
        (await known.Post("/api/v1/sign-out")).Expect(204);
        for (var tries = 0; tries < 10; app.Clock.Advance(TimeSpan.FromMinutes(1))) tries += (await app.Visitor().SignIn(person.Email, Wrong)).Status == 401 ? 1 : 0;
        // Stopped for good, for every stranger, with the right password too.
        app.Clock.Advance(TimeSpan.FromDays(2));
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(429, "sign_in.stopped");
        // A device cookie of one's own making, or of another account, is a stranger's.
        var stranger = app.Visitor();
        stranger.Cookies[Visitor.DeviceCookie] = SecretToken.New().Reveal();
        (await stranger.SignIn(person.Email, person.Password)).Expect(429, "sign_in.stopped");
        var other = await app.SignedIn(await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        (await other.SignIn(person.Email, person.Password)).Expect(429, "sign_in.stopped");

        (await known.SignIn(person.Email, person.Password)).Expect(204);
        // The known browser has a count of its own: it waits, but is never stopped.
        var tried = 0;
        for (; tried < 15; app.Clock.Advance(TimeSpan.FromMinutes(1))) tried += (await known.SignIn(person.Email, Wrong)).Status == 401 ? 1 : 0;
        (await known.SignIn(person.Email, person.Password)).Expect(204);
        // Recovery lets strangers try again.
        await app.Db.Write(async tx => { await app.Get<Throttle>().Recovered(tx, person.Email); return 0; });
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
    }

    [Theory, Engines]
    public async Task A_wrong_address_and_a_wrong_password_get_the_same_answer_and_the_same_work(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var hasher = app.Get<PasswordHasher>();
        var seen = new List<(string Body, string Headers, long Hashes, int Statements)>();
        foreach (var email in new[] { person.Email, "nobody@almondbirch.example" })
        {
            var before = hasher.Comparisons;
            var answer = (await app.Visitor().SignIn(email, Wrong)).Expect(401);
            var hashes = hasher.Comparisons - before;
            var statements = await Statements(() => app.Get<SignIn>().Run(new SignInForm(email, PlainPassword.From(Wrong), false, null, null), Client.Server));
            seen.Add((answer.Body.Replace(answer.Json.GetProperty("trace").GetString()!, "", StringComparison.Ordinal),
                string.Join('\n', answer.Headers.Where(h => h.Key != "Date").OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}")), hashes, statements));
        }
        Assert.Equal(seen[0], seen[1]);
        Assert.Equal(1, seen[0].Hashes);
        Assert.Equal(engine == TestDatabase.Postgres, seen[0].Statements > 3);

        // On the page too.
        var pages = new List<string>();
        foreach (var email in new[] { person.Email, "nobody@almondbirch.example" })
        {
            var page = await (await app.Visitor().Open("/sign-in")).Submit("form[action='/sign-in']", ("email", email), ("password", Wrong));
            Assert.Equal(401, page.Answer.Status);
            foreach (var token in page.Document.QuerySelectorAll("input[name=form_token]")) token.Remove();
            pages.Add(page.Document.DocumentElement.OuterHtml.Replace(email, "", StringComparison.Ordinal));
        }
        Assert.Equal(pages[0], pages[1]);
    }

    /// <summary>How many statements Npgsql was given by <paramref name="work"/>; none on SQLite, which tells nobody.</summary>
    private static async Task<int> Statements(Func<Task> work)
    {
        var count = 0;
        using var trace = new Activity("try");
        trace.SetIdFormat(ActivityIdFormat.W3C).Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = activity => { if (activity.TraceId == trace.TraceId) Interlocked.Increment(ref count); },
        };
        ActivitySource.AddActivityListener(listener);
        await work();
        return count;
    }

    [Theory, Engines]
    public async Task One_network_gets_so_many_wrong_tries_over_all_accounts_and_its_right_ones_cost_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "5" });
        var person = await app.AddAccount();
        for (var i = 0; i < 12; i++) (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        for (var i = 0; i < 5; i++) (await app.Visitor().SignIn($"person{i}@example.com", Wrong)).Expect(401, "sign_in.wrong");
        var refused = (await app.Visitor().SignIn("another@example.com", Wrong)).Expect(429, "sign_in.network_wait");
        Assert.Equal("600", refused.Header("Retry-After"));
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        (await app.Visitor().SignIn("another@example.com", Wrong)).Expect(401, "sign_in.wrong");
    }

    [Theory, Engines]
    public async Task A_forged_forwarding_header_opens_no_new_network(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "5" });
        for (var i = 0; i < 6; i++)
        {
            var visitor = app.Visitor();
            visitor.ForwardedFor = $"198.51.100.{i}";
            (await visitor.SignIn($"person{i}@example.com", Wrong)).Expect(i < 5 ? 401 : 429);
        }
        var forger = app.Visitor();
        forger.ForwardedFor = "198.51.100.7";
        var person = await app.AddAccount();
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        (await forger.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal("127.0.0.1", (await forger.Get("/api/v1/sessions")).Json.GetProperty("live")[0].GetProperty("address").GetString());
    }

    [Theory, Engines]
    public async Task A_configured_proxy_is_believed_about_its_caller_and_no_further(string engine)
    {
        await using var app = await TestApp.Start(engine, BehindProxy);
        var person = await app.AddAccount();
        foreach (var (header, address) in new[] { ("198.51.100.7", "198.51.100.7"), ("203.0.113.9, 198.51.100.7", "198.51.100.7"), ("::ffff:198.51.100.7", "198.51.100.7"), ("nonsense", "127.0.0.1"), ("2001:db8::1", "2001:db8::1") })
        {
            var visitor = app.Visitor();
            visitor.ForwardedFor = header;
            (await visitor.SignIn(person.Email, person.Password)).Expect(204);
            Assert.Equal(address, (await visitor.Get("/api/v1/sessions")).Json.GetProperty("live")[0].GetProperty("address").GetString());
        }
    }

    [Theory, Engines]
    public async Task The_addresses_of_one_IPv6_customer_are_one_network(string engine)
    {
        await using var app = await TestApp.Start(engine, BehindProxy);
        for (var i = 0; i < 6; i++)
        {
            var visitor = app.Visitor();
            visitor.ForwardedFor = $"2001:db8:1:2:{i}::{i}";
            (await visitor.SignIn($"person{i}@example.com", Wrong)).Expect(i < 5 ? 401 : 429);
        }
        var neighbour = app.Visitor();
        neighbour.ForwardedFor = "2001:db8:1:3::1";
        (await neighbour.SignIn("person@example.com", Wrong)).Expect(401);
        Assert.Equal(new Client("2001:db8:1:2::1", "", null).Network, new Client("2001:db8:1:2:ffff::", "", null).Network);
    }

    [Theory, Engines]
    public async Task A_sign_in_that_was_verifying_the_old_password_while_it_was_changed_is_refused(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Passwords:HashThreads"] = "1" });
        var person = await app.AddAccount();
        var hasher = app.Get<PasswordHasher>();
        using var hold = new ManualResetEventSlim();
        var busy = hasher.Run(() => hold.Wait(TimeSpan.FromSeconds(30)));
        var signIn = app.Visitor().SignIn(person.Email, person.Password);
        for (var i = 0; hasher.Waiting == 0 && i < 400; i++) await Task.Delay(25);
        await app.Db.Write(async tx =>
        {
            var stored = await PasswordTable.Of(tx, person.Id);
            await PasswordTable.Overwrite(tx, stored! with { Phc = stored.Phc + "x" });
            return 0;
        });
        hold.Set();
        await busy;
        (await signIn).Expect(401, "sign_in.wrong");
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM sessions")));
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE account_id = @Id AND kind = 'sign_in.failed'", new { person.Id })));
    }
}
