using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.SignUp;

/// <summary>Every statement on sign-ups that wait for their address to be confirmed.</summary>
public static class SignUpTable
{
    private const string Columns = "email_mark, id, sealed, link_hash, sent_at, ends_at, wrong_passwords";

    public static Task Insert(WriteTx tx, SignUp row, TokenHash again) => tx.Execute(
        "INSERT INTO sign_ups (email_mark, id, sealed, again_hash, link_hash, letters, sent_at, ends_at, wrong_passwords) VALUES (@EmailMark, @Id, @Sealed, @again, @link, 1, @SentAt, @EndsAt, 0)",
        new { row.EmailMark, row.Id, row.Sealed, again, link = row.LinkHash?.ToBytes(), row.SentAt, row.EndsAt });

    public static Task<SignUp?> ByLink(ReadTx tx, TokenHash link) => tx.One<SignUp>($"SELECT {Columns} FROM sign_ups WHERE link_hash = @link", new { link });

    public static Task<SignUp?> ByAgain(ReadTx tx, TokenHash again) => tx.One<SignUp>($"SELECT {Columns} FROM sign_ups WHERE again_hash = @again", new { again });

    /// <summary>Letters about all sign-ups of one address of which one went out since a moment.</summary>
    public static Task<long> LettersSince(ReadTx tx, TokenHash emailMark, DateTimeOffset since) =>
        tx.Count("SELECT CAST(COALESCE(SUM(letters), 0) AS BIGINT) FROM sign_ups WHERE email_mark = @emailMark AND sent_at > @since", new { emailMark, since });

    /// <returns>False when it is gone, or a letter went out after <paramref name="before"/>.</returns>
    public static async Task<bool> SendAgain(WriteTx tx, SignUp row, TokenHash? link, DateTimeOffset now, DateTimeOffset before) => await tx.Execute(
        "UPDATE sign_ups SET link_hash = @link, letters = letters + 1, sent_at = @now, ends_at = @endsAt WHERE email_mark = @EmailMark AND id = @Id AND sent_at <= @before",
        new { row.EmailMark, row.Id, link = link?.ToBytes(), now, endsAt = now + SignUp.Lifetime, before }) == 1;

    /// <summary>Charges one try at the password, before it is looked at.</summary>
    /// <returns>False when there are no more tries, or the link is over.</returns>
    public static async Task<bool> ChargePassword(WriteTx tx, TokenHash link, int most, DateTimeOffset now) =>
        await tx.Execute("UPDATE sign_ups SET wrong_passwords = wrong_passwords + 1 WHERE link_hash = @link AND wrong_passwords < @most AND ends_at > @now", new { link, most, now }) == 1;

    public static Task RefundPassword(WriteTx tx, TokenHash link) => tx.Execute("UPDATE sign_ups SET wrong_passwords = wrong_passwords - 1 WHERE link_hash = @link AND wrong_passwords > 0", new { link });

    /// <summary>Takes it: the one statement that makes the link single-use.</summary>
    /// <returns>False when it was used, replaced or is over.</returns>
    public static async Task<bool> Take(WriteTx tx, TokenHash link, DateTimeOffset now) => await tx.Execute("DELETE FROM sign_ups WHERE link_hash = @link AND ends_at > @now", new { link, now }) == 1;

    /// <summary>The address has its account: what else waits for it is over.</summary>
    public static Task DropAll(WriteTx tx, TokenHash emailMark) => tx.Execute("DELETE FROM sign_ups WHERE email_mark = @emailMark", new { emailMark });

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM sign_ups WHERE (email_mark, id) IN (SELECT email_mark, id FROM sign_ups WHERE ends_at < @before ORDER BY ends_at, email_mark, id LIMIT @limit)", new { before, limit });
}
