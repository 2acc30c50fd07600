using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Features.Export;

namespace Holdfast.Tests.Support;

/// <summary>Somebody who deletes their account, as programs do it.</summary>
public static class Leaving
{
    public const string Api = "/api/v1/account/deletion";

    /// <summary>Two keys: both sign.</summary>
    public const string NewSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    public const string OldSecret = "whsec_GBkaGxwdHh8gISIjJCUmJygpKissLS4v";

    public static object Confirm => new { confirm = "DELETE" };

    /// <summary>Settings that name this system first among the connectors.</summary>
    public static Dictionary<string, string?> Tells(OtherSystem system, string name = "bookings") => new()
    {
        ["Deletion:Connectors"] = name, [$"Deletion:{name}:Name"] = "Bookings", [$"Deletion:{name}:Url"] = new Uri(system.Address, "/erase").ToString(), [$"Deletion:{name}:Secret"] = $"{NewSecret} {OldSecret}",
        [$"Deletion:{name}:Deletes"] = "Bookings that only you can see | Drafts", [$"Deletion:{name}:Keeps"] = "Invoices, for 10 years", ["Deletion:ConnectorTimeout"] = "2s",
    };

    /// <summary>Asks for the deletion: every session of theirs is over after it.</summary>
    public static async Task Ask(Visitor visitor, object? body = null) => (await visitor.Post(Api, body ?? Confirm)).Expect(202);

    public static async Task<DeletionCase?> Open(TestApp app, Person person) => await app.Db.Read(tx => DeletionTable.OpenOf(tx, person.Id));

    public static async Task<DeletionCase> Case(TestApp app, string id) => (await app.Db.Read(tx => DeletionTable.ById(tx, id)))!;

    public static async Task<IReadOnlyList<ErasureStep>> Steps(TestApp app, DeletionCase about) => await app.Db.Read(tx => ErasureStepTable.Of(tx, about.AccountId, about.Id));

    /// <summary>Everything that is due by the clock, until nothing is.</summary>
    public static async Task Run(TestApp app)
    {
        await app.Get<RunDeletions>().RunDue(CancellationToken.None);
        await app.Get<RunErasures>().RunDue(CancellationToken.None);
        await app.Get<MakeExports>().RunDue(CancellationToken.None);
    }

    /// <summary>Goes on until the deletion is over; what another runner of the same server holds is waited for.</summary>
    public static async Task<DeletionCase> Finish(TestApp app, string id)
    {
        for (var tries = 0; ; tries++)
        {
            await Run(app);
            var now = await Case(app, id);
            if (!now.IsOpen) return now;
            if (tries > 400) throw new TimeoutException($"Still {now.State}: {string.Join("; ", (await Steps(app, now)).Select(s => $"{s.Connector} {s.State} {s.Tries}"))}\n{app.Logs.Errors}");
            await Task.Delay(25);
        }
    }

    /// <summary>Goes on until the deletion is over, with the clock moved to whatever it waits for.</summary>
    public static async Task<DeletionCase> GoOn(TestApp app, string id)
    {
        for (var tries = 0; ; tries++)
        {
            await Run(app);
            // Before days go by in a moment: a letter is given up after some.
            await app.Get<Holdfast.Outbox.SendLetters>().SendDue();
            var now = await Case(app, id);
            if (!now.IsOpen) return now;
            if (tries > 400) throw new TimeoutException($"It never ends: {app.Logs.Errors}");
            app.Clock.Advance(now.NextAt is { } next && next > app.Now ? next - app.Now : ErasureStep.Lease);
            await Task.Delay(10);
        }
    }

    /// <summary>Lets the days of grace go by, with both reminders, to the due moment: nothing has looked at it since.</summary>
    /// <param name="but">So long before it.</param>
    public static async Task PassGrace(TestApp app, TimeSpan but = default)
    {
        app.Clock.Advance(TimeSpan.FromDays(23));
        await app.Get<RunDeletions>().RunDue(CancellationToken.None);
        app.Clock.Advance(TimeSpan.FromDays(6));
        await app.Get<RunDeletions>().RunDue(CancellationToken.None);
        app.Clock.Advance(TimeSpan.FromDays(1) - but);
    }
}
