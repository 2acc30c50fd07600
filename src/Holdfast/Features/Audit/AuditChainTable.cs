using Holdfast.Storage;

namespace Holdfast.Features.Audit;

/// <summary>How many entries of a chain wait to be sealed, and since when.</summary>
public sealed record WaitingEntries
{
    public required string Chain { get; init; }

    public long Count { get; init; }

    public DateTimeOffset? Oldest { get; init; }
}

/// <summary>Some that wait, one after the other.</summary>
public sealed record NextEntries
{
    /// <summary>Id of the last of them; null when nothing waits.</summary>
    public string? Last { get; init; }

    public long Count { get; init; }
}

/// <summary>Every statement on the chains of the security log: their links, where they end, and what waits to be sealed.</summary>
public static class AuditChainTable
{
    private const string EntryColumns = "e.at, e.kind, e.actor_id, e.session_id, e.workspace_id, e.data, e.commitment";

    /// <summary>Chains that have entries to seal.</summary>
    public static Task<List<string>> Waiting(ReadTx tx) => tx.Many<string>("SELECT DISTINCT chain FROM audit_queue ORDER BY chain");

    public static Task<List<WaitingEntries>> HowManyWait(ReadTx tx) => tx.Many<WaitingEntries>(
        "SELECT q.chain, COUNT(*) AS count, MIN(e.at) AS oldest FROM audit_queue q LEFT JOIN audit_entries e ON e.account_id = q.account_id AND e.id = q.entry_id GROUP BY q.chain ORDER BY q.chain");

    public static Task<ChainHead?> Head(ReadTx tx, string chain) => tx.One<ChainHead>("SELECT * FROM audit_heads WHERE chain = @chain", new { chain });

    public static Task<List<ChainHead>> Heads(ReadTx tx) => tx.Many<ChainHead>("SELECT * FROM audit_heads ORDER BY chain");

    /// <summary>Every chain that there is, or that something says there is.</summary>
    public static Task<List<string>> Chains(ReadTx tx) => tx.Many<string>("SELECT chain FROM audit_heads UNION SELECT chain FROM audit_chain UNION SELECT workspace_id FROM audit_entries UNION SELECT chain FROM audit_queue ORDER BY 1");

    /// <summary>The end of a chain, held until the transaction ends, so that one seals at a time; made when it is new.</summary>
    public static async Task<ChainHead> Hold(WriteTx tx, ChainHead fresh)
    {
        await tx.Execute("INSERT INTO audit_heads (chain, number, hash, pruned_through, pruned_hash, seal, key_id) VALUES (@Chain, @Number, @Hash, @PrunedThrough, @PrunedHash, @Seal, @KeyId) ON CONFLICT (chain) DO NOTHING", fresh);
        return (await tx.One<ChainHead>("UPDATE audit_heads SET number = number WHERE chain = @Chain RETURNING *", new { fresh.Chain }))!;
    }

    public static Task Save(WriteTx tx, ChainHead head) => tx.Execute(
        "UPDATE audit_heads SET number = @Number, hash = @Hash, pruned_through = @PrunedThrough, pruned_hash = @PrunedHash, pruned_at = @PrunedAt, seal = @Seal, key_id = @KeyId WHERE chain = @Chain", head);

    /// <summary>
    /// The next entries that wait, oldest first. Asked for apart from what they hold: a database that joins first, and takes some then, may go through millions of entries for two hundred.
    /// </summary>
    /// <param name="after">Id of the one before; empty for the first.</param>
    public static async Task<NextEntries> NextToSeal(ReadTx tx, string chain, string after, int limit) => (await tx.One<NextEntries>(
        "SELECT MAX(entry_id) AS last, COUNT(*) AS count FROM (SELECT entry_id FROM audit_queue WHERE chain = @chain AND entry_id > @after ORDER BY entry_id LIMIT @limit) AS next", new { chain, after, limit }))!;

    /// <summary>Entries that wait, oldest first. One that was taken away meanwhile is not among them and waits for ever: that tells of it.</summary>
    public static Task<List<ChainedEntry>> ToSeal(ReadTx tx, string chain, string after, string last) => tx.Many<ChainedEntry>(
        // Number and hash are the sealer's to give.
        $"""
        SELECT CAST(0 AS BIGINT) AS number, q.entry_id, q.account_id, e.commitment AS hash, {EntryColumns}
        FROM audit_queue q JOIN audit_entries e ON e.account_id = q.account_id AND e.id = q.entry_id AND e.workspace_id = q.chain
        WHERE q.chain = @chain AND q.entry_id > @after AND q.entry_id <= @last ORDER BY q.entry_id
        """,
        new { chain, after, last });

    public static Task Append(WriteTx tx, string chain, ChainedEntry link) => tx.Execute(
        """
        INSERT INTO audit_chain (chain, number, entry_id, account_id, hash) VALUES (@chain, @Number, @EntryId, @AccountId, @Hash);
        DELETE FROM audit_queue WHERE chain = @chain AND entry_id = @EntryId
        """,
        new { chain, link.Number, link.EntryId, link.AccountId, link.Hash });

    /// <summary>Links after <paramref name="after"/> and up to <paramref name="through"/>, in order, each with what the database has of its entry.</summary>
    public static Task<List<ChainedEntry>> Links(ReadTx tx, string chain, long after, long through, int limit) => tx.Many<ChainedEntry>(
        $"""
        SELECT c.number, c.entry_id, c.account_id, c.hash, {EntryColumns}, p.salt, p.details
        FROM audit_chain c
        LEFT JOIN audit_entries e ON e.account_id = c.account_id AND e.id = c.entry_id
        LEFT JOIN audit_personal p ON p.account_id = c.account_id AND p.entry_id = c.entry_id
        WHERE c.chain = @chain AND c.number > @after AND c.number <= @through
        ORDER BY c.number LIMIT @limit
        """,
        new { chain, after, through, limit });

    /// <summary>The hash at a number; null when there is no such link.</summary>
    public static Task<byte[]?> HashAt(ReadTx tx, string chain, long number) => tx.One<byte[]>("SELECT hash FROM audit_chain WHERE chain = @chain AND number = @number", new { chain, number });

    /// <summary>The first link that lies beyond the end of its chain.</summary>
    public static Task<ChainedEntry?> BeyondHead(ReadTx tx, string chain) => tx.One<ChainedEntry>(
        "SELECT c.number, c.entry_id, c.account_id, c.hash FROM audit_chain c LEFT JOIN audit_heads h ON h.chain = c.chain WHERE c.chain = @chain AND (h.chain IS NULL OR c.number > h.number) ORDER BY c.number LIMIT 1", new { chain });

    /// <summary>When the first entry that a chain should still hold was written; null when it is not there.</summary>
    public static Task<long?> OldestAt(ReadTx tx, ChainHead head) => tx.One<long?>(
        "SELECT e.at FROM audit_chain c JOIN audit_entries e ON e.account_id = c.account_id AND e.id = c.entry_id WHERE c.chain = @Chain AND c.number = @first", new { head.Chain, first = head.PrunedThrough + 1 });

    /// <summary>An entry that is neither in a chain nor waits for one: nothing of ours wrote it.</summary>
    public static Task<string?> Unchained(ReadTx tx, string chain) => tx.One<string>(
        // Said apart, so that SQLite uses the index over entries of workspaces for those.
        $"""
        SELECT e.id FROM audit_entries e
        WHERE e.workspace_id = @chain{(chain.Length > 0 ? " AND e.workspace_id <> ''" : "")} AND NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.entry_id = e.id AND c.account_id = e.account_id AND c.chain = e.workspace_id) AND NOT EXISTS (SELECT 1 FROM audit_queue q WHERE q.chain = e.workspace_id AND q.entry_id = e.id AND q.account_id = e.account_id)
        ORDER BY e.id LIMIT 1
        """,
        new { chain });

    /// <summary>An entry that was taken away, or moved to another chain, while it waited.</summary>
    public static Task<string?> LostWaiting(ReadTx tx, string chain) => tx.One<string>(
        """
        SELECT q.entry_id FROM audit_queue q
        WHERE q.chain = @chain AND NOT EXISTS (SELECT 1 FROM audit_entries e WHERE e.account_id = q.account_id AND e.id = q.entry_id AND e.workspace_id = q.chain)
        ORDER BY q.entry_id LIMIT 1
        """,
        new { chain });

    /// <summary>Chains whose last link is not what their end says.</summary>
    public static Task<List<string>> Torn(ReadTx tx) => tx.Many<string>(
        "SELECT h.chain FROM audit_heads h LEFT JOIN audit_chain c ON c.chain = h.chain AND c.number = h.number WHERE h.number > h.pruned_through AND (c.hash IS NULL OR c.hash <> h.hash) ORDER BY h.chain LIMIT 100");

    /// <summary>Chains that still hold what was pruned.</summary>
    public static Task<List<ChainHead>> WithPrunedRows(ReadTx tx) => tx.Many<ChainHead>(
        "SELECT h.* FROM audit_heads h WHERE h.pruned_through > 0 AND EXISTS (SELECT 1 FROM audit_chain c WHERE c.chain = h.chain AND c.number <= h.pruned_through) ORDER BY h.chain");

    /// <summary>Deletes what was pruned, some at a time: the personal side, the entry, and last the link, without which the database would not let the entry go.</summary>
    /// <returns>How many numbers were gone through; 0 when nothing is left.</returns>
    public static async Task<long> DeletePruned(WriteTx tx, ChainHead head, int limit)
    {
        if (await tx.One<long?>("SELECT MIN(number) FROM audit_chain WHERE chain = @Chain", new { head.Chain }) is not { } from || from > head.PrunedThrough) return 0;
        var to = Math.Min(from + limit - 1, head.PrunedThrough);
        await tx.Execute(
            """
            DELETE FROM audit_personal WHERE (account_id, entry_id) IN (SELECT account_id, entry_id FROM audit_chain WHERE chain = @Chain AND number BETWEEN @from AND @to);
            DELETE FROM audit_entries WHERE (account_id, id) IN (SELECT account_id, entry_id FROM audit_chain WHERE chain = @Chain AND number BETWEEN @from AND @to);
            DELETE FROM audit_chain WHERE chain = @Chain AND number BETWEEN @from AND @to
            """,
            new { head.Chain, from, to });
        return to - from + 1;
    }
}
