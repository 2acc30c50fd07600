using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Deletion;

/// <summary>Every statement on deletions. Whoever changes one holds the account first (<see cref="Accounts.AccountTable.Hold"/>).</summary>
public static class DeletionTable
{
    private const string Columns = "account_id, id, number, state, asked_at, due_at, reminded_at, last_reminded_at, next_at, begun_at, begun_by, ended_at, receipt";

    /// <summary>The next number that people call one by.</summary>
    public static async Task<long> NextNumber(WriteTx tx) => (await tx.Many<long>("UPDATE deletion_counter SET last = last + 1 WHERE one = 1 RETURNING last")).Single();

    /// <summary>The number of a deletion that comes back with the list: later ones get higher numbers, and where another one has it by now it gets the next.</summary>
    public static async Task<long> TakeNumber(WriteTx tx, long wanted)
    {
        await tx.Execute("UPDATE deletion_counter SET last = @wanted WHERE one = 1 AND last < @wanted", new { wanted });
        return wanted > 0 && await tx.Count("SELECT COUNT(*) FROM deletions WHERE number = @wanted", new { wanted }) == 0 ? wanted : await NextNumber(tx);
    }

    public static Task Insert(WriteTx tx, DeletionCase row) => tx.Execute(
        """
        INSERT INTO deletions (account_id, id, number, state, asked_at, due_at, reminded_at, last_reminded_at, next_at, begun_at, begun_by)
        VALUES (@AccountId, @Id, @Number, @State, @AskedAt, @DueAt, @RemindedAt, @LastRemindedAt, @NextAt, @BegunAt, @BegunBy)
        """,
        row);

    public static Task<DeletionCase?> ById(ReadTx tx, string id) => tx.One<DeletionCase>($"SELECT {Columns} FROM deletions WHERE id = @id", new { id });

    public static Task<DeletionCase?> OpenOf(ReadTx tx, string accountId) => tx.One<DeletionCase>($"SELECT {Columns} FROM deletions WHERE account_id = @accountId AND ended_at IS NULL", new { accountId });

    public static Task<DeletionCase?> ByReceipt(ReadTx tx, TokenHash receipt) => tx.One<DeletionCase>($"SELECT {Columns} FROM deletions WHERE receipt_hash = @receipt", new { receipt });

    /// <summary>What the server has to look at by itself.</summary>
    public static Task<List<DeletionCase>> Due(ReadTx tx, DateTimeOffset now, int limit) => tx.Many<DeletionCase>($"SELECT {Columns} FROM deletions WHERE next_at <= @now ORDER BY next_at, id LIMIT @limit", new { now, limit });

    /// <summary>Not over yet, oldest first.</summary>
    public static Task<List<DeletionCase>> Open(ReadTx tx, int limit) => tx.Many<DeletionCase>($"SELECT {Columns} FROM deletions WHERE ended_at IS NULL ORDER BY asked_at, id LIMIT @limit", new { limit });

    /// <summary>Those that have begun, whatever else may come: what a backup from before must not bring back.</summary>
    public static Task<List<DeletionCase>> Begun(ReadTx tx, DateTimeOffset since, int limit) => tx.Many<DeletionCase>($"SELECT {Columns} FROM deletions WHERE begun_at >= @since ORDER BY begun_at, id LIMIT @limit", new { since, limit });

    /// <summary>Those of which a system does not acknowledge something, kept ones as well, oldest first: however many others are open.</summary>
    public static Task<List<DeletionCase>> Failing(ReadTx tx, int limit) => tx.Many<DeletionCase>(
        $"SELECT {Columns} FROM deletions WHERE id IN (SELECT deletion_id FROM erasure_steps WHERE ended_at IS NULL AND tries > 0 AND (claimed_until = 0 OR tries > 1)) ORDER BY asked_at, id LIMIT @limit", new { limit });

    /// <summary>Done ones, newest first.</summary>
    /// <param name="before">Id of the last of the page before; null for the newest.</param>
    public static Task<List<DeletionCase>> Done(ReadTx tx, string? before, int limit) =>
        tx.Many<DeletionCase>($"SELECT {Columns} FROM deletions WHERE ended_at IS NOT NULL AND state = @done AND id < @before ORDER BY id DESC LIMIT @limit", new { before = before ?? "~", limit, done = DeletionState.Done });

    public static Task LookAt(WriteTx tx, DeletionCase about, DateTimeOffset at) =>
        tx.Execute("UPDATE deletions SET next_at = @at WHERE account_id = @AccountId AND id = @Id AND state = @grace", new { about.AccountId, about.Id, at, grace = DeletionState.Grace });

    /// <returns>False when it went out already, or the deletion is no longer in its days of grace.</returns>
    public static async Task<bool> Remind(WriteTx tx, DeletionCase reminded) => await tx.Execute(
        """
        UPDATE deletions SET reminded_at = @RemindedAt, last_reminded_at = @LastRemindedAt, due_at = @DueAt, next_at = @NextAt
        WHERE account_id = @AccountId AND id = @Id AND state = @grace AND last_reminded_at IS NULL
        """,
        new { reminded.RemindedAt, reminded.LastRemindedAt, reminded.DueAt, reminded.NextAt, reminded.AccountId, reminded.Id, grace = DeletionState.Grace }) == 1;

    /// <summary>With <see cref="Begin"/> the one statement that decides between a person who keeps the account and the due moment.</summary>
    /// <returns>False when it has begun, or is over.</returns>
    public static async Task<bool> Keep(WriteTx tx, DeletionCase kept, DateTimeOffset now) => await tx.Execute(
        "UPDATE deletions SET state = @kept, ended_at = @now, next_at = NULL WHERE account_id = @AccountId AND id = @Id AND state = @grace",
        new { kept.AccountId, kept.Id, now, kept = DeletionState.Kept, grace = DeletionState.Grace }) == 1;

    /// <returns>False when it was kept, or has begun.</returns>
    public static async Task<bool> Begin(WriteTx tx, DeletionCase begun, string by, DateTimeOffset now) => await tx.Execute(
        "UPDATE deletions SET state = @erasing, begun_at = @now, begun_by = @by, next_at = NULL WHERE account_id = @AccountId AND id = @Id AND state = @grace AND (@by <> @time OR due_at <= @now)",
        new { begun.AccountId, begun.Id, by, now, time = BegunBy.Time, erasing = DeletionState.Erasing, grace = DeletionState.Grace }) == 1;

    /// <returns>False when it is over already.</returns>
    public static async Task<bool> Finish(WriteTx tx, DeletionCase done, TokenHash receiptHash, string receipt, DateTimeOffset now) => await tx.Execute(
        "UPDATE deletions SET state = @done, ended_at = @now, receipt_hash = @receiptHash, receipt = @receipt WHERE account_id = @AccountId AND id = @Id AND state = @erasing",
        new { done.AccountId, done.Id, now, receiptHash, receipt, done = DeletionState.Done, erasing = DeletionState.Erasing }) == 1;

    /// <param name="heirId">Who owns it from now on; null when it goes with the account.</param>
    public static Task AddWorkspace(WriteTx tx, DeletionCase about, string workspaceId, string? heirId) => tx.Execute(
        "INSERT INTO deletion_workspaces (account_id, deletion_id, workspace_id, heir_id) VALUES (@AccountId, @Id, @workspaceId, @heirId) ON CONFLICT (account_id, deletion_id, workspace_id) DO UPDATE SET heir_id = @heirId",
        new { about.AccountId, about.Id, workspaceId, heirId });

    /// <summary>What becomes of each workspace that the person alone owned.</summary>
    public static Task<List<WorkspaceFate>> Fates(ReadTx tx, DeletionCase about) =>
        tx.Many<WorkspaceFate>("SELECT workspace_id, heir_id FROM deletion_workspaces WHERE account_id = @AccountId AND deletion_id = @Id ORDER BY workspace_id", new { about.AccountId, about.Id });

    /// <summary>Ids of the workspaces that go with the account.</summary>
    public static Task<List<string>> Workspaces(ReadTx tx, DeletionCase about) =>
        tx.Many<string>("SELECT workspace_id FROM deletion_workspaces WHERE account_id = @AccountId AND deletion_id = @Id AND heir_id IS NULL ORDER BY workspace_id", new { about.AccountId, about.Id });

    /// <summary>Closed workspaces that this person owns, and that nobody has begun to empty.</summary>
    public static Task<List<string>> ClosedOf(ReadTx tx, string accountId) => tx.Many<string>(
        """
        SELECT w.id FROM members m JOIN workspaces w ON w.id = m.workspace_id
        WHERE m.account_id = @accountId AND m.role = 'owner' AND m.suspended_at IS NULL AND w.closed_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM deletion_workspaces d WHERE d.workspace_id = w.id AND d.emptied_at IS NOT NULL) ORDER BY w.id
        """,
        new { accountId });

    /// <summary>The workspace stays: it goes with nobody's account any more.</summary>
    public static Task DropWorkspace(WriteTx tx, string workspaceId) => tx.Execute("DELETE FROM deletion_workspaces WHERE workspace_id = @workspaceId AND heir_id IS NULL AND emptied_at IS NULL", new { workspaceId });

    /// <summary>From now on nothing brings it back.</summary>
    public static Task NoteEmptied(WriteTx tx, DeletionCase about, string workspaceId, DateTimeOffset now) => tx.Execute(
        "UPDATE deletion_workspaces SET emptied_at = @now WHERE account_id = @AccountId AND deletion_id = @Id AND workspace_id = @workspaceId AND emptied_at IS NULL", new { about.AccountId, about.Id, workspaceId, now });

    public static async Task<bool> IsEmptied(ReadTx tx, DeletionCase about, string workspaceId) =>
        await tx.Count("SELECT COUNT(*) FROM deletion_workspaces WHERE account_id = @AccountId AND deletion_id = @Id AND workspace_id = @workspaceId AND emptied_at IS NOT NULL", new { about.AccountId, about.Id, workspaceId }) == 1;
}

/// <summary>What becomes of a workspace that somebody who leaves alone owned.</summary>
public sealed record WorkspaceFate
{
    public required string WorkspaceId { get; init; }

    /// <summary>Who owns it from then on; null when it goes with the account.</summary>
    public string? HeirId { get; init; }
}
