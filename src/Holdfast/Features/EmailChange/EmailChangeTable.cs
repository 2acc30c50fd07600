using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.EmailChange;

/// <summary>Every statement on wishes for another e-mail address.</summary>
public static class EmailChangeTable
{
    private const string Columns = "account_id, id, old_email, new_email, asked_at, address, user_agent, hints, letters, sent_at, confirm_hash, confirmed_at, undo_hash, undone_at, dropped_at";

    public static Task Insert(WriteTx tx, EmailChange row) => tx.Execute(
        """
        INSERT INTO email_changes (account_id, id, old_email, old_canonical, new_email, asked_at, address, user_agent, hints, letters, sent_at, confirm_hash)
        VALUES (@AccountId, @Id, @OldEmail, @canonical, @NewEmail, @AskedAt, @Address, @UserAgent, @Hints, @Letters, @SentAt, @confirm)
        """,
        new { row.AccountId, row.Id, row.OldEmail, canonical = MailAddressShape.Canonical(row.OldEmail), row.NewEmail, row.AskedAt, row.Address, row.UserAgent, row.Hints, row.Letters, row.SentAt, confirm = row.ConfirmHash?.ToBytes() });

    /// <summary>The wish that waits, whether its link still works or not.</summary>
    public static Task<EmailChange?> Waiting(ReadTx tx, string accountId) =>
        tx.One<EmailChange>($"SELECT {Columns} FROM email_changes WHERE account_id = @accountId AND confirmed_at IS NULL AND dropped_at IS NULL", new { accountId });

    public static Task<List<EmailChange>> SentSince(ReadTx tx, string accountId, DateTimeOffset since) =>
        tx.Many<EmailChange>($"SELECT {Columns} FROM email_changes WHERE account_id = @accountId AND sent_at > @since ORDER BY sent_at, id", new { accountId, since });

    public static Task<EmailChange?> ByConfirmLink(ReadTx tx, string accountId, TokenHash link) =>
        tx.One<EmailChange>($"SELECT {Columns} FROM email_changes WHERE account_id = @accountId AND confirm_hash = @link", new { accountId, link });

    public static Task<EmailChange?> ByUndoLink(ReadTx tx, string accountId, TokenHash link) =>
        tx.One<EmailChange>($"SELECT {Columns} FROM email_changes WHERE account_id = @accountId AND undo_hash = @link", new { accountId, link });

    /// <summary>The oldest first: taking it back takes later ones with it.</summary>
    public static Task<List<EmailChange>> ConfirmedSince(ReadTx tx, string accountId, DateTimeOffset since) =>
        tx.Many<EmailChange>($"SELECT {Columns} FROM email_changes WHERE account_id = @accountId AND confirmed_at > @since ORDER BY confirmed_at, id", new { accountId, since });

    public static Task SendAgain(WriteTx tx, string accountId, string id, TokenHash? link, DateTimeOffset now) =>
        tx.Execute("UPDATE email_changes SET letters = letters + 1, sent_at = @now, confirm_hash = @link WHERE account_id = @accountId AND id = @id", new { accountId, id, link = link?.ToBytes(), now });

    /// <returns>False when nothing waited.</returns>
    public static async Task<bool> DropWaiting(WriteTx tx, string accountId, DateTimeOffset now) =>
        await tx.Execute("UPDATE email_changes SET dropped_at = @now WHERE account_id = @accountId AND confirmed_at IS NULL AND dropped_at IS NULL", new { accountId, now }) == 1;

    public static async Task<bool> Confirm(WriteTx tx, string accountId, string id, TokenHash undo, DateTimeOffset now) => await tx.Execute(
        "UPDATE email_changes SET confirmed_at = @now, undo_hash = @undo WHERE account_id = @accountId AND id = @id AND confirmed_at IS NULL AND dropped_at IS NULL", new { accountId, id, undo, now }) == 1;

    /// <summary>Takes one change back, and with it every later one: whoever made them is not believed.</summary>
    public static async Task Undo(WriteTx tx, string accountId, string id, DateTimeOffset now)
    {
        await tx.Execute("UPDATE email_changes SET undone_at = @now WHERE account_id = @accountId AND id = @id", new { accountId, id, now });
        await tx.Execute("UPDATE email_changes SET dropped_at = @now WHERE account_id = @accountId AND id > @id AND dropped_at IS NULL", new { accountId, id, now });
    }

    /// <summary>No link confirms or takes back anything any more.</summary>
    public static Task CloseAll(WriteTx tx, string accountId, DateTimeOffset now) =>
        tx.Execute("UPDATE email_changes SET confirm_hash = NULL, undo_hash = NULL, dropped_at = COALESCE(dropped_at, @now) WHERE account_id = @accountId", new { accountId, now });

    /// <summary>Former addresses that may still take a change back.</summary>
    public static Task<List<string>> Undoable(ReadTx tx, string accountId, DateTimeOffset now) => tx.Many<string>(
        "SELECT old_email FROM email_changes WHERE account_id = @accountId AND confirmed_at > @since AND undone_at IS NULL AND dropped_at IS NULL ORDER BY id", new { accountId, since = now - EmailChange.UndoLifetime });

    /// <summary>Until when a former address may take a change back; null when none may.</summary>
    public static async Task<DateTimeOffset?> UndoableUntil(ReadTx tx, string accountId, DateTimeOffset now) => await tx.One<long?>(
        "SELECT MAX(confirmed_at) FROM email_changes WHERE account_id = @accountId AND confirmed_at > @since AND undone_at IS NULL AND dropped_at IS NULL", new { accountId, since = now - EmailChange.UndoLifetime }) is { } at
        ? DateTimeOffset.FromUnixTimeMilliseconds(at) + EmailChange.UndoLifetime : null;

    /// <summary>True while another account may put this address back: nobody else gets it before.</summary>
    public static async Task<bool> IsHeld(ReadTx tx, string email, string exceptAccountId, DateTimeOffset now) => await tx.Count(
        """
        SELECT COUNT(*) FROM email_changes
        WHERE old_canonical = @canonical AND account_id <> @exceptAccountId AND confirmed_at > @since AND undone_at IS NULL AND dropped_at IS NULL
        """,
        new { canonical = MailAddressShape.Canonical(email), exceptAccountId, since = now - EmailChange.UndoLifetime }) > 0;

    /// <summary>They name old addresses: nothing keeps them once they can do nothing any more.</summary>
    public static Task<int> DeleteOverSince(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        """
        DELETE FROM email_changes WHERE (account_id, id) IN
          (SELECT account_id, id FROM email_changes WHERE asked_at < @before AND COALESCE(confirmed_at, sent_at) < @before ORDER BY asked_at, account_id, id LIMIT @limit)
        """,
        new { before, limit });
}
