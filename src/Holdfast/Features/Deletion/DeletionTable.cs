using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Deletion;

/// <summary>Every statement on deletions. Whoever changes one holds the account first (<see cref="Accounts.AccountTable.Hold"/>).</summary>
public static class DeletionTable
{
    private const string Columns = "account_id, id, number, state, asked_at, due_at, reminded_at, last_reminded_at, next_at, begun_at, begun_by, ended_at, receipt";

    /// <summary>The next number that people call one by.</summary>
    public static async Task<long> NextNumber(WriteTx tx) => (await tx.Many<long>("UPDATE deletion_counter SET last = last + 1 WHERE one = 1 RETURNING last")).Single();

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

    public static Task AddWorkspace(WriteTx tx, DeletionCase goes, string workspaceId) =>
        tx.Execute("INSERT INTO deletion_workspaces (account_id, deletion_id, workspace_id) VALUES (@AccountId, @Id, @workspaceId)", new { goes.AccountId, goes.Id, workspaceId });

    /// <summary>Ids of the workspaces that go with the account.</summary>
    public static Task<List<string>> Workspaces(ReadTx tx, DeletionCase about) =>
        tx.Many<string>("SELECT workspace_id FROM deletion_workspaces WHERE account_id = @AccountId AND deletion_id = @Id ORDER BY workspace_id", new { about.AccountId, about.Id });
}
