using Holdfast.Storage;

namespace Holdfast.Features.Erasure;

/// <summary>Every statement on what other systems are told, and on the tries.</summary>
public static class ErasureStepTable
{
    private const string Columns = "account_id, deletion_id, position, phase, connector, name, idempotency_key, state, tries, made_at, first_try_at, last_try_at, next_try_at, claimed_until, ended_at, said, kept, closed_by";

    /// <summary>Makes a step, due now. One that is there stays as it is, with its key.</summary>
    public static Task Insert(WriteTx tx, string accountId, string deletionId, int position, string phase, string connector, string name, DateTimeOffset now) => tx.Execute(
        """
        INSERT INTO erasure_steps (account_id, deletion_id, position, phase, connector, name, idempotency_key, state, tries, made_at, next_try_at, claimed_until)
        VALUES (@accountId, @deletionId, @position, @phase, @connector, @name, @key, @waiting, 0, @now, @now, 0)
        ON CONFLICT (account_id, deletion_id, position) DO NOTHING
        """,
        new { accountId, deletionId, position, phase, connector, name, key = ErasureStep.KeyOf(deletionId, phase, connector), waiting = StepState.Waiting, now });

    /// <summary>
    /// Whose turn it is: due, taken by nobody, and nothing before it. A claim that ends later than any lease, and a try further ahead than any wait, were written by a clock that ran ahead: neither counts. Which deletion was before which is
    /// told by their numbers, which no clock makes. A step waits for every earlier one of its account: to erase for all, else for those of the same system; one that was overtaken while it was under way is waited for as well.
    /// </summary>
    private const string Next =
        """
        SELECT s.account_id, s.deletion_id, s.position FROM erasure_steps s WHERE s.ended_at IS NULL AND (s.next_try_at <= @now OR s.next_try_at > @tooFar) AND (s.claimed_until <= @now OR s.claimed_until > @leaseEnd)
          AND NOT EXISTS (SELECT 1 FROM erasure_steps e WHERE e.account_id = s.account_id AND (e.ended_at IS NULL OR (e.claimed_until > @now AND e.claimed_until <= @leaseEnd)) AND (s.phase = @erase OR e.connector = s.connector)
            AND ((e.deletion_id = s.deletion_id AND e.position < s.position) OR (e.deletion_id <> s.deletion_id AND (SELECT d.number FROM deletions d WHERE d.id = e.deletion_id) < (SELECT d.number FROM deletions d WHERE d.id = s.deletion_id))))
        ORDER BY s.next_try_at, s.account_id, s.deletion_id, s.position LIMIT 1
        """;

    public static async Task<bool> AnyDue(ReadTx tx, DateTimeOffset now) => await tx.Count($"SELECT COUNT(*) FROM ({Next}) AS one", Bounds(now)) == 1;

    /// <summary>Takes the next step for itself for one <see cref="ErasureStep.Lease"/>; another node, or this one after a crash, takes it up after that.</summary>
    public static async Task<ErasureStep?> Claim(WriteTx tx, DateTimeOffset now) => (await tx.Many<ErasureStep>(
        $"""
        UPDATE erasure_steps SET claimed_until = @until, tries = tries + 1, first_try_at = COALESCE(first_try_at, @now), last_try_at = @now
        WHERE ended_at IS NULL AND (next_try_at <= @now OR next_try_at > @tooFar) AND (claimed_until <= @now OR claimed_until > @leaseEnd) AND (account_id, deletion_id, position) =
          ({Next})
        RETURNING {Columns}
        """,
        Bounds(now))).SingleOrDefault();

    /// <summary>Whoever has it keeps it for another lease.</summary>
    /// <returns>False when it is over, or somebody else has taken it up.</returns>
    public static async Task<bool> Renew(WriteTx tx, ErasureStep step, DateTimeOffset now) => await tx.Execute(
        "UPDATE erasure_steps SET claimed_until = @until WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position AND tries = @Tries AND ended_at IS NULL",
        new { until = now + ErasureStep.Lease, step.AccountId, step.DeletionId, step.Position, step.Tries }) == 1;

    private static object Bounds(DateTimeOffset now) => new { now, leaseEnd = now + ErasureStep.Lease, tooFar = now + ErasureStep.LongestWait, until = now + ErasureStep.Lease, erase = ErasurePhase.Erase };

    /// <summary>At the start of a server that has the database to itself: whoever had claimed a step is dead.</summary>
    public static Task FreeAll(WriteTx tx) => tx.Execute("UPDATE erasure_steps SET claimed_until = 0 WHERE claimed_until > 0");

    /// <returns>False when it is over already: somebody else was asked meanwhile, or closed it.</returns>
    public static async Task<bool> End(WriteTx tx, ErasureStep step, string state, string said, string kept, DateTimeOffset now, string? by = null)
    {
        var ended = await tx.Execute(
            """
            UPDATE erasure_steps SET state = @state, said = @said, kept = @kept, closed_by = @by, ended_at = @now, next_try_at = NULL, claimed_until = 0
            WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position AND ended_at IS NULL
            """,
            new { state, said, kept, by, now, step.AccountId, step.DeletionId, step.Position });
        if (ended == 0) await tx.Execute("UPDATE erasure_steps SET claimed_until = 0 WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position AND tries = @Tries", step);
        return ended == 1;
    }

    /// <param name="next">Null leaves it to an operator.</param>
    public static async Task Postpone(WriteTx tx, ErasureStep step, DateTimeOffset? next, string answer, long took, DateTimeOffset now)
    {
        // Only by who has it: a node that was slow must not push back what another one is at.
        var mine = await tx.Execute(
            "UPDATE erasure_steps SET next_try_at = CASE WHEN ended_at IS NULL THEN CAST(@next AS BIGINT) ELSE NULL END, claimed_until = 0 WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position AND tries = @Tries",
            new { next, step.AccountId, step.DeletionId, step.Position, step.Tries });
        if (mine == 0) return;
        await tx.Execute(
            "INSERT INTO erasure_tries (account_id, deletion_id, position, number, at, took, answer) VALUES (@AccountId, @DeletionId, @Position, @Tries, @now, @took, @answer) ON CONFLICT (account_id, deletion_id, position, number) DO NOTHING",
            new { step.AccountId, step.DeletionId, step.Position, step.Tries, now, took, answer });
    }

    public static Task Remember(WriteTx tx, ErasureStep step, byte[] memo) =>
        tx.Execute("UPDATE erasure_steps SET memo = @memo WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position", new { memo, step.AccountId, step.DeletionId, step.Position });

    /// <summary>The newest memo of this connector in this deletion, still sealed.</summary>
    public static async Task<byte[]?> Memo(ReadTx tx, ErasureStep step) => (await tx.Many<byte[]>(
        "SELECT memo FROM erasure_steps WHERE account_id = @AccountId AND deletion_id = @DeletionId AND connector = @Connector AND memo IS NOT NULL ORDER BY position DESC LIMIT 1", new { step.AccountId, step.DeletionId, step.Connector })).FirstOrDefault();

    /// <summary>What the step itself remembers, as it was written.</summary>
    public static Task<byte[]?> OwnMemo(ReadTx tx, ErasureStep step) =>
        tx.One<byte[]>("SELECT memo FROM erasure_steps WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position AND memo IS NOT NULL", new { step.AccountId, step.DeletionId, step.Position });

    /// <summary>Every open step of an account, in these phases, is pointless from now on.</summary>
    public static Task Overtake(WriteTx tx, string accountId, string phase, DateTimeOffset now) => tx.Execute(
        "UPDATE erasure_steps SET state = @overtaken, ended_at = @now, next_try_at = NULL WHERE account_id = @accountId AND phase = @phase AND ended_at IS NULL", new { accountId, phase, now, overtaken = StepState.Overtaken });

    /// <summary>It waits for an operator from now on.</summary>
    /// <returns>False when that was noted before: operators have been told.</returns>
    public static async Task<bool> NoteStuck(WriteTx tx, ErasureStep step, DateTimeOffset now) => await tx.Execute(
        "UPDATE erasure_steps SET stuck_at = @now WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position AND stuck_at IS NULL AND ended_at IS NULL", new { now, step.AccountId, step.DeletionId, step.Position }) == 1;

    /// <returns>False when it is over, or under way at this moment.</returns>
    public static async Task<bool> TryNow(WriteTx tx, ErasureStep step, DateTimeOffset now) => await tx.Execute(
        "UPDATE erasure_steps SET next_try_at = @now WHERE account_id = @AccountId AND deletion_id = @DeletionId AND position = @Position AND ended_at IS NULL AND claimed_until <= @now",
        new { now, step.AccountId, step.DeletionId, step.Position }) == 1;

    public static Task<List<ErasureStep>> Of(ReadTx tx, string accountId, string deletionId) =>
        tx.Many<ErasureStep>($"SELECT {Columns} FROM erasure_steps WHERE account_id = @accountId AND deletion_id = @deletionId ORDER BY position", new { accountId, deletionId });

    /// <summary>Tries that failed, newest first.</summary>
    public static Task<List<ErasureTry>> Tries(ReadTx tx, string accountId, string deletionId, int limit) => tx.Many<ErasureTry>(
        "SELECT position, number, at, took, answer FROM erasure_tries WHERE account_id = @accountId AND deletion_id = @deletionId ORDER BY at DESC, position DESC, number DESC LIMIT @limit", new { accountId, deletionId, limit });

    /// <summary>A deletion that was called off, once its last system goes on again: what was remembered for that, and the tries, serve nobody any more.</summary>
    public static async Task TidyKept(WriteTx tx, ErasureStep step)
    {
        const string Over = "account_id = @AccountId AND deletion_id = @DeletionId AND EXISTS (SELECT 1 FROM deletions d WHERE d.id = @DeletionId AND d.state = @kept) AND NOT EXISTS (SELECT 1 FROM erasure_steps o WHERE o.account_id = @AccountId AND o.deletion_id = @DeletionId AND o.ended_at IS NULL)";
        var args = new { step.AccountId, step.DeletionId, kept = Deletion.DeletionState.Kept };
        await tx.Execute($"DELETE FROM erasure_tries WHERE {Over}", args);
        await tx.Execute($"UPDATE erasure_steps SET memo = NULL WHERE memo IS NOT NULL AND {Over}", args);
    }

    /// <summary>What failed is no part of the record, and answers may have said more than they should.</summary>
    public static async Task Tidy(WriteTx tx, string accountId)
    {
        await tx.Execute("DELETE FROM erasure_tries WHERE account_id = @accountId", new { accountId });
        await tx.Execute("UPDATE erasure_steps SET memo = NULL WHERE account_id = @accountId", new { accountId });
    }
}
