using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Features.Export;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

/// <summary>Two at once, and clocks that jump: one of them wins, whole, and nothing waits for ever.</summary>
public sealed class RaceTests
{
    private static async Task<bool> IsClosed(TestApp app, Crew crew) => await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM workspaces WHERE id = @Id AND closed_at IS NOT NULL", new { crew.Id })) == 1;

    private static async Task<Visitor> Enrolled(TestApp app, Person person)
    {
        var visitor = await app.SignedIn(person);
        await app.Enrol(visitor);
        return visitor;
    }

    private static object Goes(Crew crew) => new { confirm = "DELETE", workspaces = new object[] { new { id = crew.Id } } };

    private static async Task Keep(TestApp app, Person person) => (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(person.Email, "/keep-account") })).Expect(204);

    [Theory, Engines]
    public async Task Keeping_deleting_now_and_the_due_moment_at_once_have_one_winner(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < 6; round++)
        {
            var person = await app.AddAccount($"racer-{round}@almondbirch.example");
            await Leaving.Ask(await app.SignedIn(person));
            var id = (await Leaving.Open(app, person))!.Id;
            await Leaving.PassGrace(app, but: TimeSpan.FromMinutes(1));
            var (a, b) = (await app.SignedIn(person), await app.SignedIn(person));
            app.Clock.Advance(TimeSpan.FromMinutes(1));
            var answers = new[] { a.Post($"{Leaving.Api}/keep"), b.Post($"{Leaving.Api}/now", Leaving.Confirm) };
            await Task.WhenAll([.. answers, app.Get<RunDeletions>().RunDue(CancellationToken.None)]);
            var (kept, begun) = ((await answers[0]).Status == 204, (await answers[1]).Status == 202);
            Assert.False(kept && begun);
            if (kept)
            {
                Assert.Equal(DeletionState.Kept, (await Leaving.Case(app, id)).State);
                Assert.True(await app.Db.Read(tx => AccountTable.ById(tx, person.Id)) is { ClosedAt: null, ErasingAt: null });
            }
            else
            {
                var done = await Leaving.Finish(app, id);
                Assert.Equal((DeletionState.Done, begun ? BegunBy.Person : BegunBy.Time), (done.State, done.BegunBy));
                Assert.Single(await app.Letters(person.Email), l => l.Subject == "Your account has been deleted");
            }
        }
    }

    [Theory, Engines]
    public async Task A_workspace_that_one_owner_gave_up_stays_with_the_other_who_kept_their_account(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (p, q, member) = (await crew.Add("owner"), await crew.Add("owner"), await crew.Add("member"));
        var (pBrowser, qBrowser) = (await Enrolled(app, p), await Enrolled(app, q));
        await Leaving.Ask(pBrowser);
        await Leaving.Ask(qBrowser, Goes(crew));
        Assert.True(await IsClosed(app, crew));
        var qCase = (await Leaving.Open(app, q))!;
        await Keep(app, p);
        Assert.False(await IsClosed(app, crew));
        (await (await app.SignedIn(member)).Get(crew.Page)).Expect(200);
        await Leaving.PassGrace(app);
        var done = await Leaving.Finish(app, qCase.Id);
        Assert.Contains("\"workspaces\":0", done.Receipt, StringComparison.Ordinal);
        Assert.Equal("owner", (await crew.Membership(p))!.Role);
        Assert.NotNull(await crew.Membership(member));
        Assert.Null(await crew.Membership(q));
    }

    [Theory, Engines]
    public async Task A_workspace_goes_only_when_the_last_owner_who_might_have_kept_it_is_gone(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (p, q) = (await crew.Add("owner"), await crew.Add("owner"));
        var (pBrowser, qBrowser) = (await Enrolled(app, p), await Enrolled(app, q));
        // Q first, who is not alone; P says that it goes, and does not wait: Q may still keep theirs.
        await Leaving.Ask(qBrowser);
        await Leaving.Ask(pBrowser, Goes(crew));
        var (pCase, qCase) = ((await Leaving.Open(app, p))!, (await Leaving.Open(app, q))!);
        await app.Db.Write(async tx => await app.Get<BeginErasure>().In(tx, pCase, BegunBy.Person, Holdfast.Web.Client.Server, "", app.Now));
        await Leaving.Finish(app, pCase.Id);
        Assert.True(await IsClosed(app, crew));
        Assert.Equal([crew.Id], await app.Db.Read(tx => DeletionTable.Workspaces(tx, qCase)));
        await Keep(app, q);
        Assert.False(await IsClosed(app, crew));
        Assert.Equal("owner", (await crew.Membership(q))!.Role);
    }

    [Theory, Engines]
    public async Task Systems_hear_of_a_workspace_only_once_nothing_brings_it_back_and_then_at_every_try(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var crew = await Crew.Found(app);
        var (p, q) = (await crew.Add("owner"), await crew.Add("owner"));
        var (pBrowser, qBrowser) = (await Enrolled(app, p), await Enrolled(app, q));
        await Leaving.Ask(qBrowser);
        await Leaving.Ask(pBrowser, Goes(crew));
        var (pCase, qCase) = ((await Leaving.Open(app, p))!, (await Leaving.Open(app, q))!);
        string[] Told() => [.. system.Received.Select(r => System.Text.Json.JsonDocument.Parse(r.Body).RootElement.GetProperty("data").GetProperty("workspaces")).Select(all => string.Join(' ', all.EnumerateArray().Select(w => w.GetString())))];
        // P said that it goes; Q may still keep their account, and it with theirs.
        await app.Db.Write(async tx => await app.Get<BeginErasure>().In(tx, pCase, BegunBy.Person, Holdfast.Web.Client.Server, "", app.Now));
        await Leaving.Finish(app, pCase.Id);
        Assert.Equal([""], Told());
        system.Answer = OtherSystem.Status(500);
        await app.Db.Write(async tx => await app.Get<BeginErasure>().In(tx, qCase, BegunBy.Person, Holdfast.Web.Client.Server, "", app.Now));
        await Leaving.Run(app);
        await ErasureTests.Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, qCase.Id))).Single(s => s.Connector == "bookings").IsFailing);
        system.Answer = OtherSystem.Status(200);
        app.Clock.Advance(TimeSpan.FromHours(8));
        Assert.Contains("\"workspaces\":1", (await Leaving.Finish(app, qCase.Id)).Receipt, StringComparison.Ordinal);
        Assert.Equal(["", crew.Id, crew.Id], Told());
    }

    [Theory, Engines]
    public async Task An_owner_who_asks_while_the_other_keeps_never_leaves_the_workspace_closed(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < 5; round++)
        {
            var crew = await Crew.Found(app, $"Almond & Birch {round}");
            var (p, q) = (await crew.Add("owner"), await crew.Add("owner"));
            await crew.Add("member");
            var (pBrowser, qBrowser) = (await Enrolled(app, p), await Enrolled(app, q));
            await Leaving.Ask(pBrowser);
            var token = await app.LastLink(p.Email, "/keep-account");
            var answers = await Task.WhenAll(app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token }), qBrowser.Post(Leaving.Api, Goes(crew)));
            Assert.Equal([204, 202], answers.Select(a => a.Status));
            Assert.False(await IsClosed(app, crew));
            Assert.Equal("owner", (await crew.Membership(p))!.Role);
        }
    }

    [Theory, Engines]
    public async Task Closing_a_step_by_hand_while_its_system_acknowledges_ends_it_once(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(500);
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var boss = await app.SignedIn(await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt"));
        for (var round = 0; round < 4; round++)
        {
            system.Answer = OtherSystem.Status(500);
            var person = await app.AddAccount($"racer-{round}@almondbirch.example");
            await Leaving.Ask(await app.SignedIn(person));
            var id = (await Leaving.Open(app, person))!.Id;
            (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            await Leaving.Run(app);
            await ErasureTests.Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings").IsFailing);
            system.Answer = OtherSystem.Says("""{"message":"erased"}""");
            (await boss.Post($"/api/v1/operator/erasures/{id}/steps/2001/try")).Expect(204);
            var closing = boss.Post($"/api/v1/operator/erasures/{id}/steps/2001/close", new { reason = "Shut down.", confirm = "CLOSE 1" });
            await Task.WhenAll(closing, Leaving.Run(app));
            Assert.Contains((await closing).Status, new[] { 204, 404, 409 });
            var receipt = System.Text.Json.JsonDocument.Parse((await Leaving.Finish(app, id)).Receipt!).RootElement.GetProperty("systems")[0];
            Assert.Equal((await closing).Status == 204 ? ("closed_by_hand", "Shut down.") : ("acknowledged", "erased"), (receipt.GetProperty("how").GetString(), receipt.GetProperty("said").GetString()));
        }
    }

    [Theory, Engines]
    public async Task A_claim_or_a_plan_of_a_clock_that_ran_ahead_holds_nothing_up(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        var about = (await Leaving.Open(app, person))!;
        // Nobody else takes a step of it.
        await app.Stop();
        await app.Db.Write(async tx => await app.Get<BeginErasure>().In(tx, about, BegunBy.Person, Holdfast.Web.Client.Server, "", app.Now));
        var year = TimeSpan.FromDays(365);
        app.Clock.Advance(year);
        // Dies with the claim of a year that has not come.
        Assert.NotNull(await app.Db.Write(tx => ErasureStepTable.Claim(tx, app.Now)));
        app.Clock.Advance(-year);
        await Leaving.Run(app);
        Assert.Equal(DeletionState.Done, (await Leaving.Case(app, about.Id)).State);
        // The same for a next try.
        var other = await app.AddAccount("other@almondbirch.example");
        await app.Db.Write(async tx =>
        {
            var open = new DeletionCase { AccountId = other.Id, Id = Ids.New(app.Now), Number = await DeletionTable.NextNumber(tx), State = DeletionState.Grace, AskedAt = app.Now, DueAt = app.Now };
            await DeletionTable.Insert(tx, open);
            await app.Get<BeginErasure>().In(tx, open, BegunBy.Person, Holdfast.Web.Client.Server, "", app.Now);
            return await tx.Execute("UPDATE erasure_steps SET next_try_at = @far WHERE account_id = @Id", new { far = app.Now + year, other.Id });
        });
        await Leaving.Run(app);
        Assert.Null(await app.Db.Read(tx => AccountTable.ById(tx, other.Id)));
    }

    [Theory, Engines]
    public async Task An_export_that_a_clock_from_the_future_had_claimed_is_made_all_the_same(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        await app.Db.Write(async tx =>
        {
            await ExportTable.Insert(tx, person.Id, Ids.New(app.Now), app.Now);
            return await tx.Execute("UPDATE exports SET claimed_until = @far", new { far = app.Now + TimeSpan.FromDays(365) });
        });
        await Leaving.Run(app);
        await ErasureTests.Until(async () => (await visitor.Get("/api/v1/account/export")).Json.GetProperty("state").GetString() == "ready");
    }

    [Theory, Engines]
    public async Task A_second_deletion_waits_for_what_the_first_one_left_also_when_the_clock_went_back_between_them(string engine)
    {
        await using var stripe = await FakeStripe.Start();
        await using var app = await TestApp.Start(engine, stripe.Settings());
        var person = await app.AddAccount();
        var subscription = stripe.Subscribe(stripe.AddCustomer(person));
        app.Clock.Advance(TimeSpan.FromHours(2));
        await Leaving.Ask(await app.SignedIn(person));
        var first = (await Leaving.Open(app, person))!;
        await Leaving.Run(app);
        await ErasureTests.Until(() => Task.FromResult(stripe.Subscriptions[subscription].Stopped));
        await ErasureTests.Until(async () => !(await Leaving.Steps(app, first)).Single().IsOpen);
        for (var i = 0; i < 4; i++) stripe.Failures.Enqueue((500, null));
        await Keep(app, person);
        await Leaving.Run(app);
        await ErasureTests.Until(async () => (await Leaving.Steps(app, first)).Single(s => s.Phase == ErasurePhase.Release).IsFailing);
        // The id of the second one is smaller than that of the first.
        app.Clock.Advance(TimeSpan.FromHours(-1));
        await Leaving.Ask(await app.SignedIn(person));
        var second = (await Leaving.Open(app, person))!;
        Assert.True(string.CompareOrdinal(second.Id, first.Id) < 0);
        for (var tries = 0; tries < 40 && (await Leaving.Steps(app, second)).Any(s => s.IsOpen); tries++)
        {
            await Leaving.Run(app);
            app.Clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(10);
        }
        // Woken by the first, stopped again by the second: not the other way round.
        Assert.True(stripe.Subscriptions[subscription].Stopped);
        Assert.Equal(StepState.Acknowledged, (await Leaving.Steps(app, first)).Single(s => s.Phase == ErasurePhase.Release).State);
    }
}
