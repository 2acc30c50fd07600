using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

public sealed class StripeTests
{
    private static async Task Settled(TestApp app, Person person, string phase)
    {
        await Leaving.Run(app);
        await ErasureTests.Until(async () => await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM erasure_steps WHERE account_id = @Id AND phase = @phase AND claimed_until > 0", new { person.Id, phase })) == 0);
    }

    [Theory, Engines]
    public async Task Subscriptions_stop_renewing_at_once_and_renew_again_when_the_account_is_kept(string engine)
    {
        await using var stripe = await FakeStripe.Start();
        await using var app = await TestApp.Start(engine, stripe.Settings());
        var (person, other) = (await app.AddAccount(), await app.AddAccount("other@almondbirch.example"));
        var customer = stripe.AddCustomer(person);
        var theirs = stripe.Subscribe(stripe.AddCustomer(other));
        string[] ours = [stripe.Subscribe(customer), stripe.Subscribe(customer), stripe.Subscribe(customer)];
        var (stoppedBefore, neverBegan) = (stripe.Subscribe(customer, stopped: true), stripe.Subscribe(customer));
        stripe.Expired[neverBegan] = 0;
        await Leaving.Ask(await app.SignedIn(person));
        await Settled(app, person, ErasurePhase.Hold);
        Assert.All(ours, id => Assert.True(stripe.Subscriptions[id].Stopped));
        Assert.False(stripe.Subscriptions[theirs].Stopped);
        // One is cancelled altogether meanwhile: nothing can wake it.
        stripe.Subscriptions.TryRemove(ours[2], out _);
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(person.Email, "/keep-account") })).Expect(204);
        await Settled(app, person, ErasurePhase.Release);
        Assert.All(ours.Take(2), id => Assert.False(stripe.Subscriptions[id].Stopped));
        // What the person had stopped themselves stays stopped.
        Assert.True(stripe.Subscriptions[stoppedBefore].Stopped);
    }

    [Theory, Engines("Metadata", "Email")]
    public async Task To_erase_cancels_every_subscription_and_deletes_the_customer_if_so_configured(string engine, string findBy)
    {
        await using var stripe = await FakeStripe.Start();
        await using var app = await TestApp.Start(engine, stripe.Settings(deleteCustomer: true, findBy));
        var person = await app.AddAccount();
        foreach (var customer in new[] { stripe.AddCustomer(person), stripe.AddCustomer(person), stripe.AddCustomer(person) })
        {
            stripe.Subscribe(customer);
            stripe.Subscribe(customer, stopped: true);
        }
        await Leaving.Ask(await app.SignedIn(person));
        var id = (await Leaving.Open(app, person))!.Id;
        (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
        var done = await Leaving.Finish(app, id);
        Assert.Empty(stripe.Subscriptions);
        Assert.Empty(stripe.Customers);
        Assert.Contains("6 subscriptions cancelled, 3 customers deleted", done.Receipt, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Failures_are_tried_again_with_the_same_keys_and_not_before_Stripe_asks_to_be(string engine)
    {
        await using var stripe = await FakeStripe.Start();
        await using var app = await TestApp.Start(engine, stripe.Settings());
        var person = await app.AddAccount();
        var subscription = stripe.Subscribe(stripe.AddCustomer(person));
        stripe.Failures.Enqueue((429, 7200));
        await Leaving.Ask(await app.SignedIn(person));
        await Settled(app, person, ErasurePhase.Hold);
        var about = (await Leaving.Open(app, person))!;
        var step = (await Leaving.Steps(app, about)).Single();
        Assert.True(step.IsFailing && step.NextTryAt >= app.Now.AddHours(1.9), $"{step.Tries} {step.NextTryAt}");
        var answer = Assert.Single(await app.Db.Read(tx => ErasureStepTable.Tries(tx, person.Id, about.Id, 10))).Answer;
        Assert.Contains("rate_limit", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody shall write down", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeStripe.Key, app.Logs.Everything + answer, StringComparison.Ordinal);
        Assert.False(stripe.Subscriptions[subscription].Stopped);
        app.Clock.Advance(TimeSpan.FromHours(3));
        await Settled(app, person, ErasurePhase.Hold);
        Assert.True(stripe.Subscriptions[subscription].Stopped);
    }

    [Theory, Engines]
    public async Task A_line_that_breaks_after_any_call_ends_in_the_same_state(string engine)
    {
        await using var stripe = await FakeStripe.Start();
        await using var app = await TestApp.Start(engine, stripe.Settings(deleteCustomer: true));
        async Task<string> Delete(string email, int breaksAfter)
        {
            var person = await app.AddAccount(email);
            foreach (var customer in new[] { stripe.AddCustomer(person), stripe.AddCustomer(person) }) stripe.Subscribe(customer);
            stripe.BreaksAfter = breaksAfter == 0 ? 0 : stripe.Calls + breaksAfter;
            await Leaving.Ask(await app.SignedIn(person));
            var about = (await Leaving.Open(app, person))!;
            async Task Through()
            {
                await Leaving.Run(app);
                await ErasureTests.Until(async () => (await Leaving.Steps(app, about)).All(s => s.ClaimedUntil == DateTimeOffset.UnixEpoch));
                app.Clock.Advance(TimeSpan.FromMinutes(5));
                await Leaving.Run(app);
                await ErasureTests.Until(async () => (await Leaving.Steps(app, about)).All(s => s.ClaimedUntil == DateTimeOffset.UnixEpoch));
            }
            await Through();
            Assert.All(stripe.Subscriptions.Values, s => Assert.True(s.Stopped));
            (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(person.Email, "/keep-account") })).Expect(204);
            await Through();
            Assert.All(stripe.Subscriptions.Values, s => Assert.False(s.Stopped));
            // Nothing of it is kept once all goes on again.
            Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM erasure_tries")));
            Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM erasure_steps WHERE memo IS NOT NULL")));
            await Leaving.Ask(await app.SignedIn(person));
            about = (await Leaving.Open(app, person))!;
            await Through();
            (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            for (var tries = 0; (await Leaving.Case(app, about.Id)).IsOpen; tries++)
            {
                Assert.True(tries < 20, "It never ends");
                await Leaving.Run(app);
                await ErasureTests.Until(async () => (await Leaving.Steps(app, about)).All(s => s.ClaimedUntil == DateTimeOffset.UnixEpoch));
                app.Clock.Advance(TimeSpan.FromMinutes(5));
            }
            return string.Join('\n', (await Leaving.Steps(app, about)).Select(s => $"{s.Phase} {s.Connector} {s.State}")) + $"\n{stripe.Subscriptions.Count} {stripe.Customers.Count}";
        }
        var before = stripe.Calls;
        var expected = await Delete("whole@almondbirch.example", 0);
        var calls = stripe.Calls - before;
        Assert.True(calls > 10, $"{calls} calls");
        // Each call, but one in two to save time.
        for (var call = 1; call <= calls; call += 2) Assert.Equal(expected, await Delete($"breaks-{call}@almondbirch.example", call));
    }

    [Theory, Engines]
    public async Task A_memo_that_cannot_be_opened_wakes_nothing_and_says_so(string engine)
    {
        await using var stripe = await FakeStripe.Start();
        await using var app = await TestApp.Start(engine, stripe.Settings());
        var person = await app.AddAccount();
        var subscription = stripe.Subscribe(stripe.AddCustomer(person));
        await Leaving.Ask(await app.SignedIn(person));
        await Settled(app, person, ErasurePhase.Hold);
        await app.Db.Write(async tx => await tx.Execute("UPDATE erasure_steps SET memo = @memo", new { memo = new byte[60] }));
        var about = (await Leaving.Open(app, person))!;
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(person.Email, "/keep-account") })).Expect(204);
        await Settled(app, person, ErasurePhase.Release);
        Assert.True((await Leaving.Steps(app, about)).Single(s => s.Phase == ErasurePhase.Release).IsFailing);
        Assert.Contains("memo cannot be opened", Assert.Single(await app.Db.Read(tx => ErasureStepTable.Tries(tx, person.Id, about.Id, 10))).Answer, StringComparison.Ordinal);
        Assert.True(stripe.Subscriptions[subscription].Stopped);
        // Operators see it, though the deletion is over.
        var boss = await app.SignedIn(await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt"));
        Assert.Equal("stuck", (await boss.Get("/api/v1/operator/erasures")).Expect(200).Json.GetProperty("open")[0].GetProperty("standing").GetString());
        Assert.NotNull((await boss.Open($"/operator/erasures/{about.Id}")).Document.QuerySelector($"form[action='/operator/erasures/{about.Id}?handler=Try']"));
    }

    [Theory, Engines]
    public async Task A_server_that_dies_half_way_stops_nothing_twice_and_forgets_nothing(string engine)
    {
        await using var stripe = await FakeStripe.Start();
        await using var app = await TestApp.Start(engine, stripe.Settings());
        var person = await app.AddAccount();
        var customer = stripe.AddCustomer(person);
        string[] ours = [stripe.Subscribe(customer), stripe.Subscribe(customer)];
        var died = 0;
        // All was done, and nobody wrote it down.
        app.Get<ErasureProbe>().At = place => { if (place == "after stripe" && Interlocked.Exchange(ref died, 1) == 0) throw new ErasureProbe.DiedHere(place); };
        await Leaving.Ask(await app.SignedIn(person));
        for (var tries = 0; tries < 200 && (await Leaving.Steps(app, (await Leaving.Open(app, person))!)).Single().IsOpen; tries++)
        {
            try
            {
                await Leaving.Run(app);
            }
            catch (ErasureProbe.DiedHere)
            {
                // Gone.
            }
            app.Clock.Advance(ErasureStep.Lease);
            await Task.Delay(10);
        }
        Assert.Equal(2, stripe.Replayed);
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(person.Email, "/keep-account") })).Expect(204);
        await Settled(app, person, ErasurePhase.Release);
        Assert.All(ours, id => Assert.False(stripe.Subscriptions[id].Stopped));
    }
}
