using System.Text;
using Dapper;
using Holdfast.Features.OAuth;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Sessions;

/// <summary>Every statement on sessions.</summary>
public static class SessionTable
{
    private const string Columns = "account_id, id, token_hash, kept, signed_in_with, created_at, last_active_at, proven_at, proven_with, second_proven_at, second_proven_with, address, user_agent, hints, ended_at, end_reason, ended_by";

    public static Task<Session?> ByToken(ReadTx tx, TokenHash token) =>
        tx.One<Session>($"SELECT {Columns} FROM sessions WHERE token_hash = @token", new { token });

    public static Task<Session?> ById(ReadTx tx, string accountId, string id) =>
        tx.One<Session>($"SELECT {Columns} FROM sessions WHERE account_id = @accountId AND id = @id", new { accountId, id });

    /// <summary>Not ended yet, the last used first. Some may be past their lifetime: ask each.</summary>
    public static Task<List<Session>> Live(ReadTx tx, string accountId, int limit) => tx.Many<Session>(
        $"SELECT {Columns} FROM sessions WHERE account_id = @accountId AND ended_at IS NULL ORDER BY last_active_at DESC, id DESC LIMIT @limit", new { accountId, limit });

    public static Task<List<Session>> Ended(ReadTx tx, string accountId, DateTimeOffset since, int limit) => tx.Many<Session>(
        $"SELECT {Columns} FROM sessions WHERE account_id = @accountId AND ended_at IS NOT NULL AND ended_at >= @since ORDER BY ended_at DESC, id DESC LIMIT @limit", new { accountId, since, limit });

    public static Task Insert(WriteTx tx, Session session) => tx.Execute(
        """
        INSERT INTO sessions (account_id, id, token_hash, kept, signed_in_with, created_at, last_active_at, proven_at, proven_with, second_proven_at, second_proven_with, address, user_agent, hints, ended_at, end_reason, ended_by)
        VALUES (@AccountId, @Id, @TokenHash, @kept, @SignedInWith, @CreatedAt, @LastActiveAt, @ProvenAt, @ProvenWith, @SecondProvenAt, @SecondProvenWith, @Address, @UserAgent, @Hints, @EndedAt, @EndReason, @EndedBy)
        """,
        new
        {
            session.AccountId, session.Id, session.TokenHash, kept = session.Kept ? 1 : 0, session.SignedInWith, session.CreatedAt, session.LastActiveAt,
            session.ProvenAt, session.ProvenWith, session.SecondProvenAt, session.SecondProvenWith, session.Address, session.UserAgent, session.Hints, session.EndedAt, session.EndReason, session.EndedBy,
        });

    /// <summary>Holds the session until the transaction ends. False when it has ended, or has another token by now: what a request knows of it is then old.</summary>
    public static async Task<bool> IsStill(WriteTx tx, Session session) => await tx.Execute(
        "UPDATE sessions SET created_at = created_at WHERE account_id = @AccountId AND id = @Id AND token_hash = @TokenHash AND ended_at IS NULL", new { session.AccountId, session.Id, session.TokenHash }) == 1;

    /// <summary>The same whatever its token is by now. False when it has ended.</summary>
    public static async Task<bool> HoldLive(WriteTx tx, string accountId, string id) =>
        await tx.Execute("UPDATE sessions SET created_at = created_at WHERE account_id = @accountId AND id = @id AND ended_at IS NULL", new { accountId, id }) == 1;

    /// <summary>A new token and a new proof for a live session (ASVS 7.2.4); a proof by a second factor is noted beside the last of any kind. False when it ended, or its token was changed, meanwhile.</summary>
    public static async Task<bool> Renew(WriteTx tx, Session session, TokenHash next, string provenWith, DateTimeOffset now)
    {
        var second = ProofMethod.SecondOf(provenWith);
        var changed = await tx.Execute(
            """
            UPDATE sessions SET token_hash = @next, proven_at = @now, proven_with = @provenWith, last_active_at = @now,
              second_proven_at = CASE WHEN @isSecond = 1 THEN @now ELSE second_proven_at END, second_proven_with = CASE WHEN @isSecond = 1 THEN @second ELSE second_proven_with END
            WHERE account_id = @AccountId AND id = @Id AND token_hash = @TokenHash AND ended_at IS NULL
            """,
            new { next, now, provenWith, second = second ?? "", isSecond = second is null ? 0 : 1, session.AccountId, session.Id, session.TokenHash });
        if (changed == 1) Announce(tx, session.TokenHash);
        return changed == 1;
    }

    /// <returns>The sessions that this call ended: none when another was quicker or the id is not this person's.</returns>
    public static Task<List<Session>> End(WriteTx tx, string accountId, string id, string reason, string? by, DateTimeOffset now) =>
        EndWhere(tx, "account_id = @accountId AND id = @id", new { accountId, id, reason, by, now }, now);

    /// <param name="except">The one session that stays; null ends all.</param>
    public static Task<List<Session>> EndAll(WriteTx tx, string accountId, string? except, string reason, string? by, DateTimeOffset now) =>
        EndWhere(tx, "account_id = @accountId AND id <> @except", new { accountId, except = except ?? "", reason, by, now }, now);

    public static Task<List<Session>> EndByToken(WriteTx tx, TokenHash token, string reason, DateTimeOffset now) =>
        EndWhere(tx, "token_hash = @token", new { token, reason, by = (string?)null, now }, now);

    /// <summary>
    /// Closes what ran out by itself, a bounded number at a time; the reason is what the lists show. Announced like every end: another node may have seen it used since,
    /// and what is closed here but lives on in a memory could not be ended any more.
    /// </summary>
    public static async Task<int> EndExpired(WriteTx tx, bool kept, DateTimeOffset idleSince, DateTimeOffset madeBefore, DateTimeOffset now, int limit)
    {
        var args = new { kept = kept ? 1 : 0, idleSince, madeBefore, now, limit, idle = EndReason.Idle, absolute = EndReason.Absolute };
        var idle = await tx.Many<Session>(
            $"""
            UPDATE sessions SET ended_at = @now, end_reason = @idle WHERE ended_at IS NULL AND last_active_at <= @idleSince AND (account_id, id) IN
              (SELECT account_id, id FROM sessions WHERE ended_at IS NULL AND kept = @kept AND last_active_at <= @idleSince ORDER BY last_active_at, id LIMIT @limit)
            RETURNING {Columns}
            """, args);
        var aged = await tx.Many<Session>(
            $"""
            UPDATE sessions SET ended_at = @now, end_reason = @absolute WHERE ended_at IS NULL AND (account_id, id) IN
              (SELECT account_id, id FROM sessions WHERE ended_at IS NULL AND kept = @kept AND created_at <= @madeBefore ORDER BY created_at, id LIMIT @limit)
            RETURNING {Columns}
            """, args);
        await TellOfEnd(tx, [.. idle, .. aged], now);
        return idle.Count + aged.Count;
    }

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        """
        DELETE FROM sessions WHERE (account_id, id) IN
          (SELECT account_id, id FROM sessions WHERE ended_at IS NOT NULL AND ended_at < @before ORDER BY ended_at, id LIMIT @limit)
        """,
        new { before, limit });

    /// <summary>Writes "last active" of many sessions in one statement. Never moves it back.</summary>
    public static Task Touch(WriteTx tx, IReadOnlyCollection<(TokenHash Token, DateTimeOffset At)> seen)
    {
        var values = new StringBuilder();
        var args = new DynamicParameters();
        var index = 0;
        foreach (var (token, at) in seen)
        {
            if (index > 0) values.Append(", ");
            values.Append(System.Globalization.CultureInfo.InvariantCulture, $"(@t{index}, @a{index})");
            args.Add($"t{index}", token.ToBytes(), System.Data.DbType.Binary);
            args.Add($"a{index}", at.ToUnixTimeMilliseconds(), System.Data.DbType.Int64);
            index++;
        }
        return index == 0 ? Task.CompletedTask : tx.Execute(
            $"WITH seen (token, at) AS (VALUES {values}) UPDATE sessions SET last_active_at = seen.at FROM seen WHERE token_hash = seen.token AND last_active_at < seen.at AND ended_at IS NULL",
            args);
    }

    /// <summary>The latest "last active" of any live session; null when there is none.</summary>
    public static async Task<DateTimeOffset?> LastUse(ReadTx tx) =>
        await tx.One<long?>("SELECT MAX(last_active_at) FROM sessions WHERE ended_at IS NULL") is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    public static Task<long> CountLive(ReadTx tx) => tx.Count("SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL");

    private static async Task<List<Session>> EndWhere(WriteTx tx, string which, object args, DateTimeOffset now)
    {
        var ended = await tx.Many<Session>($"UPDATE sessions SET ended_at = @now, end_reason = @reason, ended_by = @by WHERE {which} AND ended_at IS NULL RETURNING {Columns}", args);
        await TellOfEnd(tx, ended, now);
        return ended;
    }

    /// <summary>What every end of a session means, however it came: it is forgotten everywhere, and so is what applications hold of it.</summary>
    private static async Task TellOfEnd(WriteTx tx, List<Session> ended, DateTimeOffset now)
    {
        foreach (var session in ended)
        {
            Announce(tx, session.TokenHash);
            await EndTokens.OfSession(tx, session.AccountId, session.Id, now);
        }
    }

    private static void Announce(WriteTx tx, TokenHash token) => tx.Announce(new Announcement("session", Convert.ToHexString(token.ToBytes())));
}
