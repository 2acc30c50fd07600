using Holdfast.Configuration;
using Holdfast.Storage;

namespace Holdfast.Features.Accounts;

/// <summary>Every statement on accounts.</summary>
public static class AccountTable
{
    private const string Columns = "id, email, name, language, time_zone, operator_since, created_at, suspended_at, closed_at, erasing_at, last_sign_in_at";

    public static Task<Account?> ById(ReadTx tx, string id) =>
        tx.One<Account>($"SELECT {Columns} FROM accounts WHERE id = @id", new { id });

    /// <returns>Null when it is nobody's; what is no address is nobody's.</returns>
    public static async Task<Account?> ByEmail(ReadTx tx, string email) =>
        MailAddressShape.IsPlain(email.Trim()) ? await tx.One<Account>($"SELECT {Columns} FROM accounts WHERE email_canonical = @canonical", new { canonical = MailAddressShape.Canonical(email) }) : null;

    public static async Task<bool> Any(ReadTx tx) => await tx.Count("SELECT COUNT(*) FROM (SELECT id FROM accounts LIMIT 1) AS one") > 0;

    /// <summary>How many there are; suspended ones and those who are leaving help nobody, and do not count.</summary>
    public static Task<long> Operators(ReadTx tx) => tx.Count("SELECT COUNT(*) FROM accounts WHERE operator_since IS NOT NULL AND suspended_at IS NULL AND closed_at IS NULL");

    /// <summary>Holds them all: two nodes that take the last two away at once must not each see the other's.</summary>
    public static Task HoldOperators(WriteTx tx) => tx.Execute("UPDATE accounts SET operator_since = operator_since WHERE operator_since IS NOT NULL");

    /// <summary>Those who run the product, suspended ones and those who are leaving left out.</summary>
    public static Task<List<Account>> ListOperators(ReadTx tx) => tx.Many<Account>($"SELECT {Columns} FROM accounts WHERE operator_since IS NOT NULL AND suspended_at IS NULL AND closed_at IS NULL ORDER BY operator_since, id");

    /// <param name="after">The canonical address that the page before ended with; empty for the first page.</param>
    public static Task<List<Account>> List(ReadTx tx, string after, int limit) =>
        tx.Many<Account>($"SELECT {Columns} FROM accounts WHERE email_canonical > @after ORDER BY email_canonical LIMIT @limit", new { after, limit });

    /// <returns>False when the address is taken.</returns>
    public static async Task<bool> Insert(WriteTx tx, Account account) => await tx.Execute(
        """
        INSERT INTO accounts (id, email, email_canonical, name, language, time_zone, operator_since, created_at)
        VALUES (@Id, @Email, @canonical, @Name, @Language, @TimeZone, @OperatorSince, @CreatedAt)
        ON CONFLICT (email_canonical) DO NOTHING
        """,
        new { account.Id, account.Email, canonical = MailAddressShape.Canonical(account.Email), account.Name, account.Language, account.TimeZone, account.OperatorSince, account.CreatedAt }) == 1;

    /// <summary>Holds the row until the end of the transaction: of two that decide over one account, the second sees what the first has done.</summary>
    public static Task Hold(WriteTx tx, string id) => tx.Execute("UPDATE accounts SET created_at = created_at WHERE id = @id", new { id });

    public static Task SetProfile(WriteTx tx, string id, string name, string? language, string? timeZone) =>
        tx.Execute("UPDATE accounts SET name = @name, language = @language, time_zone = @timeZone WHERE id = @id", new { id, name, language, timeZone });

    /// <returns>False when another account has the address. Where one takes it at this very moment, the database says so (<see cref="Db.SaysTaken"/>).</returns>
    public static async Task<bool> SetEmail(WriteTx tx, string id, string email) => await tx.Execute(
        "UPDATE accounts SET email = @email, email_canonical = @canonical WHERE id = @id AND NOT EXISTS (SELECT 1 FROM accounts AS other WHERE other.email_canonical = @canonical AND other.id <> @id)",
        new { id, email, canonical = MailAddressShape.Canonical(email) }) == 1;

    /// <summary>Keeps the browser's guess only where nothing is known yet.</summary>
    public static Task GuessTimeZone(WriteTx tx, string id, string timeZone) =>
        tx.Execute("UPDATE accounts SET time_zone = @timeZone WHERE id = @id AND time_zone IS NULL", new { id, timeZone });

    /// <summary>The same for the language, at the first sign-in: letters are written when no browser is there to ask.</summary>
    public static Task GuessLanguage(WriteTx tx, string id, string language) =>
        tx.Execute("UPDATE accounts SET language = @language WHERE id = @id AND language IS NULL", new { id, language });

    /// <summary>Notes a sign-in, and holds the account: who suspends it afterwards finds the session that is made, who did so before is seen here.</summary>
    /// <returns>False when it is suspended, or being erased.</returns>
    public static async Task<bool> NoteSignIn(WriteTx tx, string id, DateTimeOffset now) =>
        await tx.Execute("UPDATE accounts SET last_sign_in_at = @now WHERE id = @id AND suspended_at IS NULL AND erasing_at IS NULL", new { id, now }) == 1;

    /// <returns>False when it is suspended already.</returns>
    public static async Task<bool> Suspend(WriteTx tx, string id, DateTimeOffset now) =>
        await tx.Execute("UPDATE accounts SET suspended_at = @now WHERE id = @id AND suspended_at IS NULL", new { id, now }) == 1;

    /// <returns>False when it is not suspended.</returns>
    public static async Task<bool> Reactivate(WriteTx tx, string id) =>
        await tx.Execute("UPDATE accounts SET suspended_at = NULL WHERE id = @id AND suspended_at IS NOT NULL", new { id }) == 1;

    /// <returns>False when it is closed already.</returns>
    public static async Task<bool> Close(WriteTx tx, string id, DateTimeOffset now) => await tx.Execute("UPDATE accounts SET closed_at = @now WHERE id = @id AND closed_at IS NULL", new { id, now }) == 1;

    public static Task Open(WriteTx tx, string id) => tx.Execute("UPDATE accounts SET closed_at = NULL WHERE id = @id AND erasing_at IS NULL", new { id });

    public static Task BeginErasing(WriteTx tx, string id, DateTimeOffset now) => tx.Execute("UPDATE accounts SET closed_at = COALESCE(closed_at, @now), erasing_at = @now WHERE id = @id", new { id, now });

    /// <summary>An operator who can act, besides this one. Holds them all: of two who leave at once, the second sees that the first is gone.</summary>
    public static async Task<bool> OtherOperators(WriteTx tx, string id)
    {
        await HoldOperators(tx);
        return await tx.Count("SELECT COUNT(*) FROM accounts WHERE operator_since IS NOT NULL AND suspended_at IS NULL AND closed_at IS NULL AND id <> @id", new { id }) > 0;
    }

    /// <returns>False when nothing changed.</returns>
    public static async Task<bool> MakeOperator(WriteTx tx, string id, DateTimeOffset now) =>
        await tx.Execute("UPDATE accounts SET operator_since = @now WHERE id = @id AND operator_since IS NULL", new { id, now }) == 1;

    /// <returns>False when the account is no operator, or the last one.</returns>
    public static async Task<bool> RemoveOperator(WriteTx tx, string id)
    {
        await HoldOperators(tx);
        return await tx.Execute(
            """
            UPDATE accounts SET operator_since = NULL
            WHERE id = @id AND operator_since IS NOT NULL
              AND EXISTS (SELECT 1 FROM accounts AS other WHERE other.operator_since IS NOT NULL AND other.suspended_at IS NULL AND other.closed_at IS NULL AND other.id <> @id)
            """,
            new { id }) == 1;
    }
}
