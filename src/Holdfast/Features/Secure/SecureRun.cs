using Holdfast.Storage;

namespace Holdfast.Features.Secure;

/// <summary>The steps of "Secure my account", in their order.</summary>
public enum SecureStep
{
    SignOut = 1,
    Password = 2,
    Factors = 3,
    Done = 4,
}

/// <summary>How far somebody got with "Secure my account". It survives closing the browser, and the sessions that it ends.</summary>
public sealed record SecureRun
{
    public const string ByPerson = "person";

    /// <summary>"This wasn't me" in a letter.</summary>
    public const string ByLink = "link";

    public required string AccountId { get; init; }

    public required string Id { get; init; }

    /// <summary>Who began: <see cref="ByPerson"/> or <see cref="ByLink"/>.</summary>
    public required string BegunBy { get; init; }

    /// <summary>How many sessions the first step ended.</summary>
    public long SignedOut { get; init; }

    public DateTimeOffset SignedOutAt { get; init; }

    /// <summary>When the password was changed, on this way or another.</summary>
    public DateTimeOffset? PasswordAt { get; init; }

    public DateTimeOffset? FactorsAt { get; init; }

    /// <summary>The person does not want to be led here for now.</summary>
    public DateTimeOffset? LaterAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>What comes next.</summary>
    public SecureStep Next => PasswordAt is null ? SecureStep.Password : FactorsAt is null ? SecureStep.Factors : SecureStep.Done;

    /// <summary>After "This wasn't me" the next sign-in leads on, until it is put off.</summary>
    public bool LeadsOn => ClosedAt is null && BegunBy == ByLink && LaterAt is null;
}

/// <summary>Every statement on runs of "Secure my account".</summary>
public static class SecureTable
{
    private const string Columns = "account_id, id, begun_by, signed_out, signed_out_at, password_at, factors_at, later_at, closed_at";

    /// <summary>Null when none is open.</summary>
    public static Task<SecureRun?> Open(ReadTx tx, string accountId) => tx.One<SecureRun>($"SELECT {Columns} FROM secure_runs WHERE account_id = @accountId AND closed_at IS NULL", new { accountId });

    public static Task<SecureRun?> Find(ReadTx tx, string accountId, string id) => tx.One<SecureRun>($"SELECT {Columns} FROM secure_runs WHERE account_id = @accountId AND id = @id", new { accountId, id });

    /// <summary>Begins anew: one that is open ends, since what it did may have been undone by a stranger.</summary>
    public static async Task Begin(WriteTx tx, string accountId, string by, int signedOut, DateTimeOffset now)
    {
        await tx.Execute("UPDATE secure_runs SET closed_at = @now WHERE account_id = @accountId AND closed_at IS NULL", new { accountId, now });
        await tx.Execute("INSERT INTO secure_runs (account_id, id, begun_by, signed_out, signed_out_at) VALUES (@accountId, @id, @by, @signedOut, @now)", new { accountId, id = Ids.New(now), by, signedOut, now });
    }

    /// <summary>The password was changed: the second step, wherever it was done.</summary>
    public static Task NotePassword(WriteTx tx, string accountId, DateTimeOffset now) => tx.Execute("UPDATE secure_runs SET password_at = @now WHERE account_id = @accountId AND closed_at IS NULL", new { accountId, now });

    /// <returns>False when there is none that has come so far.</returns>
    public static async Task<bool> Finish(WriteTx tx, string accountId, string id, DateTimeOffset now) =>
        await tx.Execute("UPDATE secure_runs SET factors_at = @now, closed_at = @now WHERE account_id = @accountId AND id = @id AND closed_at IS NULL AND password_at IS NOT NULL", new { accountId, id, now }) == 1;

    public static Task PutOff(WriteTx tx, string accountId, DateTimeOffset now) => tx.Execute("UPDATE secure_runs SET later_at = @now WHERE account_id = @accountId AND closed_at IS NULL", new { accountId, now });

    public static Task<int> DeleteClosedBefore(WriteTx tx, DateTimeOffset before, int limit) =>
        tx.Execute("DELETE FROM secure_runs WHERE (account_id, id) IN (SELECT account_id, id FROM secure_runs WHERE closed_at < @before ORDER BY account_id, id LIMIT @limit)", new { before, limit });
}
