using System.Security.Cryptography;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.Export;

/// <summary>Prepares exports in the background: gathers, packs, seals, and mails the link, the last two in one transaction. Whoever dies in between has done nothing, and after the lease another one begins anew.</summary>
public sealed class MakeExports(Db db, SendLetters outbox, KeyRing keys, TimeProvider clock, HoldfastSettings settings, ILogger<MakeExports> logger)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task RunDue(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            if (!await db.Read(tx => ExportTable.AnyDue(tx, now), stop) || await db.Write(tx => ExportTable.Claim(tx, now), stop) is not { } asked) return;
            try
            {
                await Make(asked, stop);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.LogError(error, "Export {Id} waits for another try", asked.Id);
            }
        }
    }

    internal static string Purpose(DataExport export) => $"export {export.AccountId} {export.Id}";

    private async Task Make(DataExport asked, CancellationToken stop)
    {
        var found = await db.Read(async tx =>
        {
            if (await AccountTable.ById(tx, asked.AccountId) is not { } account) return null;
            var parts = new List<ExportedPart>();
            foreach (var rows in ExportedRowsTable.All) parts.Add(new ExportedPart(rows.File, rows.Part, await ExportedRowsTable.Read(tx, rows, account.Id, MailAddressShape.Canonical(account.Email))));
            return new Gathered(account, parts);
        }, stop);
        if (found is null) return;
        var now = clock.GetUtcNow();
        var text = Text.For(found.Account.Language);
        var file = WriteArchive.Run(found.Parts, text["export.read_me", settings.Product.Name, LetterTime.Format(text, now, found.Account.TimeZone)], now);
        var made = asked with { MadeAt = now, EndsAt = now + DataExport.Lifetime, Bytes = file.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(file)) };
        var link = SecretToken.New();
        await db.Write(async tx =>
        {
            await AccountTable.Hold(tx, asked.AccountId);
            // To the address that the account has now.
            if (await AccountTable.ById(tx, asked.AccountId) is not { ErasingAt: null } account || !await ExportTable.Finish(tx, made, keys.Seal(Purpose(made), file), link.Hash)) return Web.Done.It;
            await outbox.Enqueue(tx, "export_ready", account.Id, ExportReadyLetter.Build(settings.Product, text, account.Email, account.FirstName, LetterTime.Format(text, asked.AskedAt, account.TimeZone),
                settings.Server.LinkTo($"{ExportPage.Address}?token={link.Reveal()}"), text["letter.lifetime.hours", (int)DataExport.Lifetime.TotalHours]), now);
            return Web.Done.It;
        }, stop);
    }

    private sealed record Gathered(Account Account, IReadOnlyList<ExportedPart> Parts);
}
