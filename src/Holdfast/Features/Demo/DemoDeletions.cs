using System.Text.Json;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>Deletions in the example: one in its days of grace, one that a system holds up, one that was called off, and some that are done. People of their own, who are in nobody's workspace any more.</summary>
internal sealed class DemoDeletions(IReadOnlyDictionary<string, Account> people, DateTimeOffset now)
{
    private const string MailList = "mail-list";

    private static readonly TimeSpan Grace = TimeSpan.FromDays(30);

    private readonly List<DemoMoment> _moments = [];

    public async Task<IReadOnlyList<DemoMoment>> Fill(WriteTx tx)
    {
        await Done(tx, now.AddDays(-75), "118 bookings erased.", "");
        await Done(tx, now.AddDays(-52), "9 bookings erased. 40 shared ones kept without a name.", "");
        await Done(tx, now.AddDays(-44), "No bookings.", "The list was shut down in spring, its data with it.");
        await Stuck(tx, await Add(tx, "Wanda Krol", "wanda@riverside.example", 200));
        await InGrace(tx, await Add(tx, "Ilse Brandt", "ilse@riverside.example", 320), now.AddDays(-7));
        var kept = people["Chloé Marchand"];
        var called = await Case(tx, kept.Id, now.AddDays(-20));
        await DeletionTable.Insert(tx, called);
        Tell(called, AuditKind.DeletionAsked, called.AskedAt);
        await DeletionTable.Keep(tx, called, called.AskedAt.AddHours(2));
        Tell(called, AuditKind.DeletionKept, called.AskedAt.AddHours(2), kept.Id);
        foreach (var (kind, hours) in new[] { (AuditKind.WorkspaceClosed, 0), (AuditKind.WorkspaceReopened, 2) })
        {
            _moments.Add(new DemoMoment(called.AskedAt.AddHours(hours), new AuditEvent(kind, kept.Id, Client.Server)
            {
                Data = new Dictionary<string, string> { ["case"] = called.Label }, Personal = new Dictionary<string, string> { ["workspace"] = "Marchand & fille", ["by"] = kept.Name },
            }, Client.Server));
        }
        Tell(called, AuditKind.WorkspaceDeleted, now.AddDays(-44));
        foreach (var (kind, hours) in new[] { (AuditKind.ExportAsked, 30), (AuditKind.ExportFetched, 29), (AuditKind.ExportAsked, 6), (AuditKind.ExportStopped, 5) })
        {
            _moments.Add(new DemoMoment(now.AddHours(-hours), new AuditEvent(kind, people["Lars Bakker"].Id, Client.Server), Client.Server));
        }
        return _moments;
    }

    private async Task InGrace(WriteTx tx, Account account, DateTimeOffset at)
    {
        var asked = await Case(tx, account.Id, at);
        await DeletionTable.Insert(tx, asked);
        await AccountTable.Close(tx, account.Id, at);
        Tell(asked, AuditKind.DeletionAsked, at, account.Id);
    }

    private async Task Stuck(WriteTx tx, Account account)
    {
        var at = now.AddDays(-33);
        var asked = await Case(tx, account.Id, at);
        await DeletionTable.Insert(tx, asked with { RemindedAt = at.AddDays(23), LastRemindedAt = at.AddDays(29) });
        await AccountTable.Close(tx, account.Id, at);
        await AccountTable.BeginErasing(tx, account.Id, at + Grace);
        await DeletionTable.Begin(tx, asked, BegunBy.Time, at + Grace);
        Tell(asked, AuditKind.DeletionAsked, at, account.Id);
        foreach (var day in new[] { 23, 29 }) Tell(asked, AuditKind.DeletionReminded, at.AddDays(day));
        Tell(asked, AuditKind.DeletionBegun, at + Grace);
        string[] systems = [ErasureStep.ListConnector, "bookings", "files", MailList, ErasureStep.AccountConnector];
        string[] names = [ErasureStep.ListConnector, "Bookings", "Files", "Mail list", ErasureStep.AccountConnector];
        for (var i = 0; i < systems.Length; i++) await ErasureStepTable.Insert(tx, account.Id, asked.Id, ErasureStep.FirstErase + i, ErasurePhase.Erase, systems[i], names[i], at + Grace);
        var steps = await ErasureStepTable.Of(tx, account.Id, asked.Id);
        await End(tx, steps[0], StepState.Acknowledged, "", at + Grace);
        await End(tx, steps[1], StepState.Acknowledged, "212 bookings erased, 40 shared ones kept without a name.", (at + Grace).AddMinutes(1));
        await End(tx, steps[2], StepState.ClosedByHand, "Files were moved to the bookings last year, and are gone with them.", (at + Grace).AddHours(4));
        Tell(asked, AuditKind.DeletionStepClosed, (at + Grace).AddHours(4), people[DemoPeople.First.Name].Id, DemoPeople.First.Name);
        Tell(asked, AuditKind.DeletionStepRetried, (at + Grace).AddHours(9), people[DemoPeople.First.Name].Id, DemoPeople.First.Name);
        await Tried(tx, steps[3], (at + Grace).AddHours(4));
    }

    /// <summary>Eleven tries with growing waits, and the next one in some hours: the running server leaves it alone until then.</summary>
    private async Task Tried(WriteTx tx, ErasureStep step, DateTimeOffset first)
    {
        string[] answers = ["503 Service Unavailable", "503 Service Unavailable", "no answer in 30 seconds", "302 Found, not followed"];
        for (var i = 0; i < 11; i++)
        {
            var at = i == 10 ? now.AddHours(-3) : first + ((now.AddHours(-3) - first) * i / 10);
            await tx.Execute("UPDATE erasure_steps SET tries = @tries, first_try_at = COALESCE(first_try_at, @at), last_try_at = @at WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position", new { tries = i + 1, at, step.AccountId, step.DeletionId, step.Position });
            await ErasureStepTable.Postpone(tx, step with { Tries = i + 1 }, now.AddHours(5), answers[(10 - i) % answers.Length], (10 - i) % answers.Length == 3 ? 240 : 30_010, at);
        }
    }

    private async Task Done(WriteTx tx, DateTimeOffset at, string said, string byHand)
    {
        var done = await Case(tx, Ids.New(at.AddDays(-300)), at);
        await DeletionTable.Insert(tx, done);
        await DeletionTable.Begin(tx, done, BegunBy.Time, at + Grace);
        var end = (at + Grace).AddMinutes(3);
        var receipt = new Receipt(done.Label, "Quayside", at, at + Grace, end,
            [
                new ReceiptSystem("Bookings", StepState.Acknowledged, said, [], (at + Grace).AddMinutes(1), 1),
                new ReceiptSystem("Mail list", byHand.Length > 0 ? StepState.ClosedByHand : StepState.Acknowledged, byHand, [], (at + Grace).AddMinutes(2), byHand.Length > 0 ? 4 : 1),
            ],
            new ErasedCounts(37, 212, 0));
        await DeletionTable.Finish(tx, done, SecretToken.New().Hash, JsonSerializer.Serialize(receipt, ErasureJson.Default.Receipt), end);
    }

    private static async Task End(WriteTx tx, ErasureStep step, string state, string said, DateTimeOffset at)
    {
        await tx.Execute("UPDATE erasure_steps SET tries = 1, first_try_at = @at, last_try_at = @at WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position", new { at, step.AccountId, step.DeletionId, step.Position });
        await ErasureStepTable.End(tx, step with { Tries = 1 }, state, said, "", at);
    }

    private static async Task<DeletionCase> Case(WriteTx tx, string accountId, DateTimeOffset at)
    {
        var asked = new DeletionCase { AccountId = accountId, Id = Ids.New(at), Number = await DeletionTable.NextNumber(tx), State = DeletionState.Grace, AskedAt = at, DueAt = at + Grace };
        return asked with { NextAt = asked.NextLook };
    }

    private async Task<Account> Add(WriteTx tx, string name, string email, int daysAgo)
    {
        var account = new Account { Id = Ids.New(now.AddDays(-daysAgo)), Email = email, Name = name, TimeZone = "Europe/Berlin", CreatedAt = now.AddDays(-daysAgo) };
        await AccountTable.Insert(tx, account);
        return account;
    }

    private void Tell(DeletionCase about, string kind, DateTimeOffset at, string actor = "", string by = "")
    {
        var personal = by.Length > 0 ? new Dictionary<string, string> { ["by"] = by } : [];
        _moments.Add(new DemoMoment(at, new AuditEvent(kind, about.AccountId, Client.Server) { ActorId = actor, Data = new Dictionary<string, string> { ["case"] = about.Label, ["days"] = "30" }, Personal = personal }, Client.Server));
    }
}
