using Holdfast.Storage;

namespace Holdfast.Features.Unusual;

/// <summary>Something unusual with a member, as admins of the workspace see it: neither address nor device, which belong to the whole account.</summary>
public sealed record MemberUnusual
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>As this workspace shows it.</summary>
    public required string Person { get; init; }

    public required string Email { get; init; }

    public required string Kind { get; init; }

    public required string Severity { get; init; }

    public DateTimeOffset At { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    public string? ClosedHow { get; init; }

    public DateTimeOffset? ReviewedAt { get; init; }

    /// <summary>Neither the person nor an admin has dealt with it.</summary>
    public bool NeedsReview => ReviewedAt is null && (ClosedAt is null || ClosedHow == UnusualEnd.Secured);
}

/// <summary>Every statement on what looked wrong.</summary>
public static class UnusualTable
{
    private const string Columns = "account_id, id, kind, severity, at, session_id, address, user_agent, hints, facts, closed_at, closed_how";

    /// <summary>Open and closed ones, the newest first.</summary>
    public static Task<List<UnusualEvent>> Of(ReadTx tx, string accountId, DateTimeOffset since, int limit) =>
        tx.Many<UnusualEvent>($"SELECT {Columns} FROM unusual_events WHERE account_id = @accountId AND at >= @since ORDER BY id DESC LIMIT @limit", new { accountId, since, limit });

    public static Task<List<UnusualEvent>> Open(ReadTx tx, string accountId, int limit) =>
        tx.Many<UnusualEvent>($"SELECT {Columns} FROM unusual_events WHERE account_id = @accountId AND closed_at IS NULL ORDER BY id DESC LIMIT @limit", new { accountId, limit });

    public static Task<UnusualEvent?> Find(ReadTx tx, string accountId, string id) => tx.One<UnusualEvent>($"SELECT {Columns} FROM unusual_events WHERE account_id = @accountId AND id = @id", new { accountId, id });

    /// <summary>Puts it down for the person, and for every workspace of theirs.</summary>
    /// <param name="workspaceId">The only one that it is about; empty for what is about the whole account.</param>
    public static async Task Insert(WriteTx tx, UnusualEvent e, string workspaceId = "")
    {
        await tx.Execute(
            "INSERT INTO unusual_events (account_id, id, kind, severity, at, session_id, address, user_agent, hints, facts, closed_at, closed_how) VALUES (@AccountId, @Id, @Kind, @Severity, @At, @SessionId, @Address, @UserAgent, @Hints, @Facts, @ClosedAt, @ClosedHow)",
            new { e.AccountId, e.Id, e.Kind, e.Severity, e.At, e.SessionId, e.Address, e.UserAgent, e.Hints, e.Facts, e.ClosedAt, e.ClosedHow });
        await tx.Execute("INSERT INTO unusual_in_workspaces (workspace_id, id, account_id) SELECT workspace_id, @Id, account_id FROM members WHERE account_id = @AccountId AND (@workspaceId = '' OR workspace_id = @workspaceId)", new { e.Id, e.AccountId, workspaceId });
    }

    /// <returns>False when it is not this person's, or closed already.</returns>
    public static async Task<bool> Close(WriteTx tx, string accountId, string id, string how, DateTimeOffset now) =>
        await tx.Execute("UPDATE unusual_events SET closed_at = @now, closed_how = @how WHERE account_id = @accountId AND id = @id AND closed_at IS NULL", new { accountId, id, how, now }) == 1;

    /// <returns>How many there were.</returns>
    public static Task<int> CloseAll(WriteTx tx, string accountId, string how, DateTimeOffset now) =>
        tx.Execute("UPDATE unusual_events SET closed_at = @now, closed_how = @how WHERE account_id = @accountId AND closed_at IS NULL", new { accountId, how, now });

    /// <summary>Of people who are members now, the newest first.</summary>
    /// <param name="before">Id that the page before ended with; null for the newest.</param>
    public static Task<List<MemberUnusual>> InWorkspace(ReadTx tx, string workspaceId, string? before, int limit) => tx.Many<MemberUnusual>(
        """
        SELECT u.id, u.account_id, COALESCE(m.shown_name, a.name) AS person, a.email, e.kind, e.severity, e.at, e.closed_at, e.closed_how, u.reviewed_at
        FROM unusual_in_workspaces u JOIN unusual_events e ON e.account_id = u.account_id AND e.id = u.id JOIN members m ON m.workspace_id = u.workspace_id AND m.account_id = u.account_id JOIN accounts a ON a.id = u.account_id
        WHERE u.workspace_id = @workspaceId AND u.id < @before ORDER BY u.id DESC LIMIT @limit
        """,
        new { workspaceId, before = before ?? "~", limit });

    /// <returns>False when there is none here, or somebody has looked already.</returns>
    public static async Task<bool> Review(WriteTx tx, string workspaceId, string id, string by, DateTimeOffset now) =>
        await tx.Execute("UPDATE unusual_in_workspaces SET reviewed_at = @now, reviewed_by = @by WHERE workspace_id = @workspaceId AND id = @id AND reviewed_at IS NULL", new { workspaceId, id, by, now }) == 1;

    /// <summary>Where and when somebody signed in before; null when this is their first session that is still known.</summary>
    public static Task<SignInRow?> SignInBefore(ReadTx tx, string accountId, string sessionId) =>
        tx.One<SignInRow>("SELECT created_at, address FROM sessions WHERE account_id = @accountId AND id < @sessionId ORDER BY id DESC LIMIT 1", new { accountId, sessionId });

    public static async Task<int> DeleteBefore(WriteTx tx, DateTimeOffset before, int limit)
    {
        const string Old = "SELECT account_id, id FROM unusual_events WHERE at < @before ORDER BY at, id LIMIT @limit";
        await tx.Execute($"DELETE FROM unusual_in_workspaces WHERE (account_id, id) IN ({Old})", new { before, limit });
        return await tx.Execute($"DELETE FROM unusual_events WHERE (account_id, id) IN ({Old})", new { before, limit });
    }
}

/// <summary>A sign-in of before.</summary>
public sealed record SignInRow
{
    public DateTimeOffset CreatedAt { get; init; }

    public required string Address { get; init; }
}
