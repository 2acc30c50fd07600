using System.Net.Http.Json;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Demo;
using Holdfast.Features.DevMail;
using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class DemoTests
{
    private static string[] Where(TestDatabase database) => database.Connection is { } connection ? ["--data", database.Folder, "--postgres", connection] : ["--data", database.Folder];

    [Theory, Engines]
    public async Task The_example_is_lively_opens_with_the_printed_password_and_is_made_once(string engine)
    {
        await using var database = await TestDatabase.Make(engine, migrated: false);
        await using (var server = await HoldfastProcess.Serve(["--demo", "--port", $"{HoldfastProcess.FreePort()}", .. Where(database)]))
        {
            Assert.DoesNotContain("/setup?token=", server.Out, StringComparison.Ordinal);
            Assert.Contains($"Address   {server.Address}/sign-in", server.Out, StringComparison.Ordinal);
            var email = Printed.Find(server.Out, @"E-mail +(\S+)");
            var password = Printed.Find(server.Out, @"Password +(\S+)");
            using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
            http.DefaultRequestHeaders.Add("X-Holdfast-Request", "1");
            foreach (var person in new[] { email, "duncan@harbourcoop.example" })
            {
                Assert.True((await http.PostAsJsonAsync("/api/v1/sign-in", new { email = person, password })).IsSuccessStatusCode);
            }
            Assert.Equal(0, (await server.Stop()).Code);
        }
        var again = await HoldfastProcess.Run(["serve", "--demo", "--port", "0", .. Where(database)]);
        Assert.Equal(1, again.Code);
        Assert.StartsWith("This database has accounts already, and the example needs a new one.", again.OneError);
        await Look(database);
    }

    [Fact]
    public void The_story_holds_together_at_any_hour_and_day()
    {
        var rules = TestSettings.Read().Sessions;
        var start = new DateTimeOffset(2026, 2, 23, 0, 1, 0, TimeSpan.Zero);
        for (var hour = 0; hour < 8 * 24; hour++)
        {
            var now = start.AddMinutes(hour * 61);
            var (reasons, live) = (new HashSet<string>(), 0);
            for (var index = 0; index < DemoPeople.All.Count; index++)
            {
                var story = new DemoStory(DemoPeople.All[index], index, rules, now);
                Assert.All(story.Sessions, session => HoldsTogether(session, now, rules));
                Assert.All(story.Moments, moment => Assert.True(moment.At < now, $"{now} {moment.What.Kind} {moment.At}"));
                Assert.Equal(story.Sessions.Count, story.Sessions.Select(s => s.Id).Distinct().Count());
                reasons.UnionWith(story.Sessions.Select(s => s.EndReason).OfType<string>());
                live += story.Sessions.Count(s => s.EndedAt is null);
            }
            Assert.Equal(9, reasons.Count);
            Assert.InRange(live, 30, 200);
        }
    }

    private static void HoldsTogether(Session s, DateTimeOffset now, SessionSettings rules)
    {
        Assert.True(s.CreatedAt <= s.ProvenAt && s.ProvenAt <= s.LastActiveAt && s.LastActiveAt <= (s.EndedAt ?? now) && (s.EndedAt ?? now) <= now,
            $"{now}: made {s.CreatedAt}, proven {s.ProvenAt}, active {s.LastActiveAt}, ended {s.EndedAt} {s.EndReason}");
        Assert.True(s.EndedAt is not null || s.WhyOver(now, rules) is null, $"{now}: over but live, active {s.LastActiveAt}");
    }

    private static async Task Look(TestDatabase database)
    {
        await using var engine = Engine.OpenReadOnly(TestSettings.Read(database.Settings()));
        var db = new Db(engine, new Announcements(TimeProvider.System));
        var now = TimeProvider.System.GetUtcNow();
        var sessions = new List<Session>();
        var kinds = new HashSet<string>();
        foreach (var account in await db.Read(tx => AccountTable.List(tx, "", 100)))
        {
            sessions.AddRange(await db.Read(tx => SessionTable.Live(tx, account.Id, 100)));
            sessions.AddRange(await db.Read(tx => SessionTable.Ended(tx, account.Id, DateTimeOffset.UnixEpoch, 1000)));
            var entries = await db.Read(tx => AuditTable.OfAccount(tx, account.Id, [], DateTimeOffset.UnixEpoch, null, 1000));
            Assert.All(entries, entry => Assert.InRange(entry.At, now.AddDays(-400), now));
            foreach (var entry in entries) kinds.Add(entry.Kind);
        }
        Assert.Equal(
            new[] { EndReason.SignedOut, EndReason.EndedByYou, EndReason.PasswordChanged, EndReason.PasswordReset, EndReason.NotMe, EndReason.TwoFactorReset, EndReason.Replaced, EndReason.Idle, EndReason.Absolute }.Order(),
            sessions.Select(s => s.EndReason).OfType<string>().Distinct().Order());
        Assert.Equal(AuditKind.SignIns.Concat(AuditKind.Factors).Concat(AuditKind.TwoFactor.Except([AuditKind.BrowserRemembered, AuditKind.BrowserForgotten])).Concat(AuditKind.Resets).Concat(AuditKind.Sessions).Concat(AuditKind.Accounts).Concat(AuditKind.Applications).Concat(AuditKind.Unusual).Concat(AuditKind.Workspaces).Except([AuditKind.OperatorRemoved, AuditKind.SigningKeyChanged]).Order(), kinds.Order());
        Assert.InRange(sessions.Count(s => s.EndedAt is null), 30, 200);
        Assert.All(sessions, session => HoldsTogether(session, now, TestSettings.Read().Sessions));
        var letters = await db.Read(tx => MailboxTable.Newest(tx, 100));
        Assert.InRange(letters.Count, 8, 60);
        Assert.Contains(letters, letter => letter.ArrivedAt < now.AddDays(-2));
    }
}
