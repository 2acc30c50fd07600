using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>An application that is to be told that a session is over.</summary>
public sealed record LogoutRow
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public required string SessionId { get; init; }

    public required string ClientId { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public int Attempts { get; init; }
}

/// <summary>Every statement on sign-outs that wait to be told of: an outbox of their own, so that a mail server that is slow holds up none of them.</summary>
public static class LogoutTable
{
    public static Task Insert(WriteTx tx, string id, string accountId, string sessionId, string clientId, DateTimeOffset now) => tx.Execute(
        "INSERT INTO oauth_logouts (id, account_id, session_id, client_id, made_at, next_try_at, claimed_until, attempts) VALUES (@id, @accountId, @sessionId, @clientId, @now, @now, 0, 0)", new { id, accountId, sessionId, clientId, now });

    /// <summary>Of one application at a time: whoever is slow holds up nobody else.</summary>
    private const int MostOfOne = 4;

    /// <summary>Takes some that are due until <paramref name="until"/>; another node, or this one after a crash, takes them up after that.</summary>
    public static Task<List<LogoutRow>> Claim(WriteTx tx, DateTimeOffset now, DateTimeOffset until, int limit) => tx.Many<LogoutRow>(
        """
        UPDATE oauth_logouts SET claimed_until = @until, attempts = attempts + 1
        WHERE done_at IS NULL AND failed_at IS NULL AND next_try_at <= @now AND claimed_until <= @now AND id IN
          (SELECT id FROM
            (SELECT id, next_try_at, ROW_NUMBER() OVER (PARTITION BY client_id ORDER BY next_try_at, id) AS place FROM oauth_logouts d
              WHERE done_at IS NULL AND failed_at IS NULL AND next_try_at <= @now AND claimed_until <= @now
                AND (SELECT COUNT(*) FROM oauth_logouts b WHERE b.client_id = d.client_id AND b.done_at IS NULL AND b.failed_at IS NULL AND b.claimed_until > @now) < @most) AS due
            WHERE place <= @most ORDER BY place, next_try_at, id LIMIT @limit)
        RETURNING id, account_id, session_id, client_id, made_at, attempts
        """,
        new { now, until, limit, most = MostOfOne });

    public static Task Finish(WriteTx tx, string id, DateTimeOffset now) => tx.Execute("UPDATE oauth_logouts SET done_at = @now, last_problem = NULL WHERE id = @id AND done_at IS NULL", new { id, now });

    public static Task Postpone(WriteTx tx, string id, DateTimeOffset nextTry, string problem) => tx.Execute("UPDATE oauth_logouts SET next_try_at = @nextTry, claimed_until = 0, last_problem = @problem WHERE id = @id AND done_at IS NULL", new { id, nextTry, problem });

    /// <summary>The others that are due for an application that has just failed.</summary>
    public static Task HoldBack(WriteTx tx, string clientId, DateTimeOffset now, DateTimeOffset nextTry) =>
        tx.Execute("UPDATE oauth_logouts SET next_try_at = @nextTry WHERE client_id = @clientId AND done_at IS NULL AND failed_at IS NULL AND next_try_at <= @now AND claimed_until <= @now", new { clientId, now, nextTry });

    public static Task GiveUp(WriteTx tx, string id, DateTimeOffset now, string problem) => tx.Execute("UPDATE oauth_logouts SET failed_at = @now, last_problem = @problem WHERE id = @id AND done_at IS NULL", new { id, now, problem });

    public static Task<long> Waiting(ReadTx tx) => tx.Count("SELECT COUNT(*) FROM oauth_logouts WHERE done_at IS NULL AND failed_at IS NULL");

    public static Task<int> DeleteFinishedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM oauth_logouts WHERE id IN (SELECT id FROM oauth_logouts WHERE made_at < @before AND (done_at IS NOT NULL OR failed_at IS NOT NULL) ORDER BY made_at, id LIMIT @limit)", new { before, limit });
}
