using Holdfast.Storage;

namespace Holdfast.Features.ResetCases;

/// <summary>Every statement on cases and their texts. Whoever changes a case holds the person's factors first (<see cref="TwoFactor.TwoFactorTable.Hold"/>). A closed one the database refuses to change.</summary>
public static class ResetCaseTable
{
    private const string Columns =
        "account_id, id, number, workspace_id, state, requested_by, requested_at, request_seal, decided_by, decided_at, decision_seal, waits_until, reminded_at, next_at, closed_by, closed_at, closed_why, signed_out, fingerprint";

    /// <summary>The next number that people call a case by.</summary>
    public static async Task<long> NextNumber(WriteTx tx) => (await tx.Many<long>("UPDATE reset_case_counter SET last = last + 1 WHERE one = 1 RETURNING last")).Single();

    public static Task Insert(WriteTx tx, ResetCase row) => tx.Execute(
        """
        INSERT INTO reset_cases (account_id, id, number, workspace_id, state, requested_by, requested_at, request_seal, next_at)
        VALUES (@AccountId, @Id, @Number, @WorkspaceId, @State, @RequestedBy, @RequestedAt, @RequestSeal, @NextAt)
        """,
        row);

    internal static Task PutText(WriteTx tx, ResetCase about, CaseText text) => tx.Execute(
        "INSERT INTO reset_case_texts (account_id, case_id, part, salt, details) VALUES (@AccountId, @Id, @Part, @Salt, @Details)", new { about.AccountId, about.Id, text.Part, text.Salt, text.Details });

    public static Task<string?> Text(ReadTx tx, string accountId, string caseId, string part) =>
        tx.One<string>("SELECT details FROM reset_case_texts WHERE account_id = @accountId AND case_id = @caseId AND part = @part", new { accountId, caseId, part });

    public static Task<ResetCase?> ById(ReadTx tx, string id) => tx.One<ResetCase>($"SELECT {Columns} FROM reset_cases WHERE id = @id", new { id });

    public static Task<ResetCase?> OpenOf(ReadTx tx, string accountId) => tx.One<ResetCase>($"SELECT {Columns} FROM reset_cases WHERE account_id = @accountId AND closed_at IS NULL", new { accountId });

    /// <summary>Open ones that somebody has asked for about others.</summary>
    public static Task<List<ResetCase>> OpenBy(ReadTx tx, string requesterId) => tx.Many<ResetCase>($"SELECT {Columns} FROM reset_cases WHERE closed_at IS NULL AND requested_by = @requesterId ORDER BY id", new { requesterId });

    /// <summary>The state of a person's open case; null without one.</summary>
    public static Task<string?> OpenState(ReadTx tx, string accountId) => tx.One<string>("SELECT state FROM reset_cases WHERE account_id = @accountId AND closed_at IS NULL", new { accountId });

    public static Task<long> MadeSince(ReadTx tx, string accountId, DateTimeOffset since) => tx.Count("SELECT COUNT(*) FROM reset_cases WHERE account_id = @accountId AND requested_at > @since", new { accountId, since });

    /// <summary>Open ones, oldest first.</summary>
    public static Task<List<ResetCase>> Open(ReadTx tx, int limit) => tx.Many<ResetCase>($"SELECT {Columns} FROM reset_cases WHERE closed_at IS NULL ORDER BY requested_at, id LIMIT @limit", new { limit });

    public static Task<long> CountToDecide(ReadTx tx) => tx.Count("SELECT COUNT(*) FROM reset_cases WHERE closed_at IS NULL AND state = @state", new { state = CaseState.Requested });

    /// <summary>Closed ones, newest request first.</summary>
    /// <param name="before">Id of the last of the page before; null for the newest.</param>
    public static Task<List<ResetCase>> Closed(ReadTx tx, string? before, int limit) =>
        tx.Many<ResetCase>($"SELECT {Columns} FROM reset_cases WHERE closed_at IS NOT NULL AND id < @before ORDER BY id DESC LIMIT @limit", new { before = before ?? "~", limit });

    /// <returns>False when it is decided or closed already, or when whoever decides asked for it or is the person: asked and done in one statement.</returns>
    public static async Task<bool> Approve(WriteTx tx, ResetCase approved) => await tx.Execute(
        """
        UPDATE reset_cases SET state = @State, decided_by = @DecidedBy, decided_at = @DecidedAt, decision_seal = @DecisionSeal, waits_until = @WaitsUntil, next_at = @NextAt
        WHERE account_id = @AccountId AND id = @Id AND state = @requested AND closed_at IS NULL AND requested_by <> @DecidedBy AND account_id <> @DecidedBy
        """,
        new { approved.State, approved.DecidedBy, approved.DecidedAt, approved.DecisionSeal, approved.WaitsUntil, approved.NextAt, approved.AccountId, approved.Id, requested = CaseState.Requested }) == 1;

    /// <returns>False when it was reminded of already, or is no longer waiting.</returns>
    public static async Task<bool> Remind(WriteTx tx, ResetCase about, DateTimeOffset until, DateTimeOffset now) => await tx.Execute(
        "UPDATE reset_cases SET reminded_at = @now, waits_until = @until, next_at = @until WHERE account_id = @AccountId AND id = @Id AND state = @waiting AND reminded_at IS NULL AND closed_at IS NULL",
        new { about.AccountId, about.Id, until, now, waiting = CaseState.Waiting }) == 1;

    /// <summary>Closes it for good.</summary>
    /// <param name="from">The state that it was in: another one means that somebody was faster.</param>
    /// <returns>False when somebody was.</returns>
    public static async Task<bool> Close(WriteTx tx, ResetCase closed, string from) => await tx.Execute(
        """
        UPDATE reset_cases SET state = @State, decided_by = @DecidedBy, decided_at = @DecidedAt, decision_seal = @DecisionSeal, next_at = NULL,
          closed_by = @ClosedBy, closed_at = @ClosedAt, closed_why = @ClosedWhy, signed_out = @SignedOut, fingerprint = @Fingerprint
        WHERE account_id = @AccountId AND id = @Id AND state = @from AND closed_at IS NULL
        """,
        new { closed.State, closed.DecidedBy, closed.DecidedAt, closed.DecisionSeal, closed.ClosedBy, closed.ClosedAt, closed.ClosedWhy, closed.SignedOut, closed.Fingerprint, closed.AccountId, closed.Id, from }) == 1;

    /// <summary>The server looks at a person's open case at once: what it was about has changed.</summary>
    public static Task LookSoon(WriteTx tx, string accountId, DateTimeOffset now) => tx.Execute("UPDATE reset_cases SET next_at = @now WHERE account_id = @accountId AND closed_at IS NULL", new { accountId, now });

    /// <summary>After a fault: not again at once.</summary>
    public static Task LookLater(WriteTx tx, ResetCase about, DateTimeOffset at) =>
        tx.Execute("UPDATE reset_cases SET next_at = @at WHERE account_id = @AccountId AND id = @Id AND closed_at IS NULL", new { about.AccountId, about.Id, at });

    public static Task<List<ResetCase>> Due(ReadTx tx, DateTimeOffset now, int limit) =>
        tx.Many<ResetCase>($"SELECT {Columns} FROM reset_cases WHERE closed_at IS NULL AND next_at <= @now ORDER BY next_at, id LIMIT @limit", new { now, limit });
}
