using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passwords;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Features.Setup;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <param name="Password">To be shown once.</param>
/// <param name="WithTwoFactor">Somebody who signs in with two-factor.</param>
/// <param name="RecoveryCode">One of their recovery codes, to try it with.</param>
public sealed record FilledDemo(string Password, string WithTwoFactor, string RecoveryCode)
{
    public override string ToString() => "[password]";
}

/// <summary>
/// Fills a new database with two workspaces and forty people who have been at it for six weeks. The story is the same every time and ends now; the password is new
/// every time. Settings stay as they are. Call before anything listens.
/// </summary>
public sealed class FillDemo(Db db, PasswordHasher hasher, PasswordContexts contexts, PlaceFile places, FindPlace findPlace, KeyRing keys, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses with <c>demo.not_new</c> (409): an example among real people would be a way in.</summary>
    public async Task<Outcome<FilledDemo>> Run()
    {
        if (await db.Read(AccountTable.Any)) return DemoRefusals.NotNew;
        var now = clock.GetUtcNow();
        var context = contexts.Of(DemoPeople.First.Name, DemoPeople.First.Email, DemoPeople.Workspaces);
        var (password, text, score) = DemoPassword.Make(settings.Passwords, context);
        var hash = await hasher.Hash(password);
        if (!hash.Ok) return hash.Refusal;

        var stories = DemoPeople.All.Select((person, index) => (Person: person, Story: new DemoStory(person, index, settings.Sessions, now))).ToList();
        (string Email, string Code)? code = null;
        var filled = await db.Write(async tx =>
        {
            if (await AccountTable.Any(tx) || !await SetupTable.Finish(tx, now)) return false;
            await DemoPlaces.Remember(tx);
            var workspaces = new List<string>();
            foreach (var name in DemoPeople.Workspaces) workspaces.Add(await WorkspaceTable.Insert(tx, name, stories[0].Story.Account.CreatedAt));
            code = null;
            foreach (var (person, story) in stories)
            {
                await Insert(tx, person, story, workspaces, hash.Value, score);
                var spare = await story.Factors.Insert(tx, story.Account, keys);
                if (spare is not null && code is null) code = (story.Account.Email, spare.Value.Reveal());
                // The example stays open to look around in: whoever is asked for two-factor has ten days left.
                if (spare is null && person.Workspaces.Any(w => w.Role != "member")) await TwoFactorTable.GiveGrace(tx, story.Account.Id, now.AddDays(-4), now.AddDays(10));
            }
            var between = await new DemoWorkspaces(workspaces[0], stories.ToDictionary(s => s.Story.Account.Name, s => s.Story.Account, StringComparer.Ordinal), now).Fill(tx);
            var reset = stories.SelectMany(s => s.Story.Moments).First(m => m.What.Kind == AuditKind.TwoFactorReset);
            var cases = await new DemoCases(workspaces[0], stories.ToDictionary(s => s.Person.Name, s => s.Story.Account), (reset.At, int.Parse(reset.What.Data["signedOut"], System.Globalization.CultureInfo.InvariantCulture)), now).Fill(tx);
            var deletions = await new DemoDeletions(stories.ToDictionary(s => s.Person.Name, s => s.Story.Account), now).Fill(tx);
            var applications = await new DemoApplications(workspaces, [.. stories.Select(s => s.Story)], keys, now).Fill(tx);
            var programs = await new DemoApiKeys(workspaces[0], stories.ToDictionary(s => s.Story.Account.Name, s => s.Story.Account, StringComparer.Ordinal), keys, now).Fill(tx);
            var unusual = await new DemoUnusual(workspaces[0], stories.ToDictionary(s => s.Person.Name, s => s.Story.Account), now).Fill(tx);
            var webhooks = new DemoWebhooks(stories[0].Story.Account, keys, now);
            foreach (var (_, story) in stories) await CopyToMembers.Run(tx, story.Account.Id);
            // In the order in which it happened, as a log is written.
            foreach (var moment in stories.SelectMany(s => s.Story.Moments).Concat(between).Concat(cases).Concat(deletions).Concat(applications).Concat(programs).Concat(unusual).Concat(webhooks.Moments()).OrderBy(m => m.At)) await AuditLog.Record(tx, moment.At, moment.What);
            await webhooks.Fill(tx);
            return true;
        });
        if (!filled) return DemoRefusals.NotNew;
        places.Show(DemoPlaces.Load());
        if (settings.MailboxOnly) await Letters(stories.Select(s => s.Story), now);
        return new FilledDemo(text, code!.Value.Email, code.Value.Code);
    }

    private static async Task Insert(WriteTx tx, DemoPerson person, DemoStory story, List<string> workspaces, PasswordHash hash, int score)
    {
        var account = story.Account;
        await AccountTable.Insert(tx, account);
        foreach (var (workspace, role) in person.Workspaces) await WorkspaceTable.AddMember(tx, workspaces[workspace], account.Id, role, account.CreatedAt);
        if (person.NeverCame) return;
        await PasswordTable.Insert(tx, new PasswordRow { AccountId = account.Id, Phc = hash.Phc, PepperId = hash.PepperId, Score = score, ChangedAt = story.PasswordChangedAt });
        foreach (var _ in story.Devices) await KnownBrowserTable.Remember(tx, account.Id, SecretToken.New().Hash, account.CreatedAt);
        foreach (var session in story.Sessions) await SessionTable.Insert(tx, session);
        if (story.Sessions.Count > 0) await AccountTable.NoteSignIn(tx, account.Id, story.Sessions.Max(s => s.CreatedAt));
    }

    /// <summary>Real letters to invented people would only bounce: with a mail server set there are none.</summary>
    private async Task Letters(IEnumerable<DemoStory> stories, DateTimeOffset now)
    {
        var letters = new DemoLetters(db, keys, findPlace, settings);
        foreach (var (account, moment) in stories.SelectMany(s => s.Moments.Where(m => m.Letter != DemoLetter.None && m.At < now).Select(m => (s.Account, m))).OrderBy(pair => pair.m.At))
        {
            await letters.Deliver(account, moment);
        }
    }
}

public static class DemoRefusals
{
    public static readonly Refusal NotNew = new("demo.not_new", 409);
}
