using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <param name="Table">Its name in the schema.</param>
/// <param name="Sql">What erases a person from it, with <c>@id</c>, <c>@email</c> (canonical); null where nothing has to be.</param>
/// <param name="Why">Why nothing has to be, or what is special.</param>
public sealed record ErasedRows(string Table, string? Sql, string Why = "");

/// <summary>
/// Every table there is, and what erases a person from it. A table that is not named here fails a test; and one that hangs on the account makes the last statement fail, so that nothing is left behind in silence.
/// </summary>
public static class ErasedRowsTable
{
    /// <summary>By which somebody could come in: gone as soon as a deletion begins.</summary>
    private static readonly ErasedRows[] WaysIn =
    [
        new("passwords", "DELETE FROM passwords WHERE account_id = @id"),
        new("totp_apps", "DELETE FROM totp_apps WHERE account_id = @id"),
        new("passkeys", "DELETE FROM passkeys WHERE account_id = @id"),
        new("passkey_handles", "DELETE FROM passkey_handles WHERE account_id = @id"),
        new("recovery_codes", "DELETE FROM recovery_codes WHERE account_id = @id"),
        new("trusted_browsers", "DELETE FROM trusted_browsers WHERE account_id = @id"),
        new("known_browsers", "DELETE FROM known_browsers WHERE account_id = @id"),
        new("known_countries", "DELETE FROM known_countries WHERE account_id = @id"),
        new("pending_sign_ins", "DELETE FROM pending_sign_ins WHERE account_id = @id"),
        new("links", "DELETE FROM links WHERE account_id = @id"),
        new("exports", "DELETE FROM exports WHERE account_id = @id"),
        new("api_keys", "DELETE FROM api_keys WHERE made_by = @id", "Programs act for whoever made their key."),
        new("oauth_access_tokens", "DELETE FROM oauth_access_tokens WHERE account_id = @id"),
        new("oauth_refresh_tokens", "DELETE FROM oauth_refresh_tokens WHERE account_id = @id"),
        new("oauth_codes", "DELETE FROM oauth_codes WHERE account_id = @id"),
        new("oauth_families", "DELETE FROM oauth_families WHERE account_id = @id"),
        new("oauth_grants", "DELETE FROM oauth_grants WHERE account_id = @id"),
    ];

    /// <summary>The rest, in the order in which it goes.</summary>
    public static readonly IReadOnlyList<ErasedRows> All =
    [
        .. WaysIn,
        new("unusual_in_workspaces", "DELETE FROM unusual_in_workspaces WHERE account_id = @id", "Who looked at somebody else's stands there by id alone."),
        new("unusual_events", "DELETE FROM unusual_events WHERE account_id = @id"),
        new("report_arrivals", "DELETE FROM report_arrivals WHERE account_id = @id"),
        new("secure_runs", "DELETE FROM secure_runs WHERE account_id = @id"),
        new("two_factor", "DELETE FROM two_factor WHERE account_id = @id"),
        new("sessions", "DELETE FROM sessions WHERE account_id = @id"),
        new("audit_personal", "DELETE FROM audit_personal WHERE account_id = @id"),
        new("audit_personal", "DELETE FROM audit_personal WHERE (account_id, entry_id) IN (SELECT account_id, id FROM audit_entries WHERE actor_id = @id AND actor_id <> account_id AND actor_id <> '')", "What the person did to others names them, their address and their device."),
        new("email_changes", "DELETE FROM email_changes WHERE account_id = @id", "Not among the ways in: their links are wiped there, but they tell the former addresses, by which others' events are searched. Where another account was to get this address, or had it, that stays 30 days at most."),
        new("webhook_deliveries", "DELETE FROM webhook_deliveries WHERE account_id = @id AND (delivered_at IS NOT NULL OR failed_at IS NOT NULL)", "Ids and moments only. What still waits, the end of the account among it, is told under the same pseudonym that the log keeps, and goes within days."),
        new("outbox", "DELETE FROM outbox WHERE account_id = @id", "Letters that belong to no account (an invitation, a sign-up, the last letter) are sealed until they are sent, and wiped then."),
        new("invitations", "DELETE FROM invitations WHERE email_canonical = @email", "Those to former addresses went before."),
        new("invitations", "DELETE FROM invitations WHERE accepted_by = @id"),
        new("invitations", "DELETE FROM invitations WHERE invited_by = @id", "What the person had sent works no more either."),
        new("reset_case_texts", "DELETE FROM reset_case_texts WHERE account_id = @id"),
        new("reset_case_texts", "DELETE FROM reset_case_texts WHERE part = 'request' AND (account_id, case_id) IN (SELECT account_id, id FROM reset_cases WHERE requested_by = @id)"),
        new("reset_case_texts", "DELETE FROM reset_case_texts WHERE part = 'decision' AND (account_id, case_id) IN (SELECT account_id, id FROM reset_cases WHERE decided_by = @id)"),
        new("member_words", "DELETE FROM member_words WHERE account_id = @id"),
        new("members", "DELETE FROM members WHERE account_id = @id"),
        new("workspaces", "UPDATE workspaces SET everyone_by = NULL WHERE everyone_by = @id"),
        new("roles", "UPDATE roles SET made_by = '' WHERE made_by = @id"),
        new("accounts", "DELETE FROM accounts WHERE id = @id", "Last: whatever still hangs on it makes the database refuse."),

        new("audit_entries", null, "Append-only. The id of an account that is gone is the pseudonym under which its events stay."),
        new("reset_cases", null, "Sealed. Ids only; what is personal stands in reset_case_texts."),
        new("deletions", null, "The record itself: ids, moments, and a receipt that names nobody."),
        new("deletion_workspaces", null, "Ids only."),
        new("erasure_steps", null, "What systems said, after the person's name and address were looked for in it. A reason that an operator gave may name that operator, and closed_by is their id: it stays as long as the record."),
        new("erasure_tries", null, "Emptied when the deletion is done, or its last system goes on again."),
        new("throttles", null, "Keyed hashes that name nobody; those of the address are cleared by their own table."),
        new("quiet_requests", null, "Sealed; answered within seconds, to nobody, and gone after a day."),
        new("sign_ups", null, "Sealed, under a hash of the address, and gone when it is over: of people without an account, and of whoever asked for one with this address. The latter are dropped by their own table."),
        new("audit_queue", null, "Ids only; empty within seconds."),
        new("audit_chain", null, "Ids and hashes over salted commitments: without the personal side they name nobody, and the chain still holds."),
        new("audit_heads", null, "Where the chains end."),
        new("report_counts", null, "Figures of workspaces by the hour: they name nobody."),
        new("report_events", null, "The same before it is added up, with the pseudonym of the event; empty within seconds."),
        new("report_backlog", null, "Ids, moments and facts that name nobody, of events from before there were figures; empty once they are counted."),
        new("oauth_logouts", null, "Ids only. Applications still hear that the sessions are over; gone after 30 days."),
        new("webhook_endpoints", null, "About other systems, not people."),
        new("webhook_kinds", null, "About other systems, not people."),
        new("webhook_secrets", null, "About other systems, not people."),
        new("oauth_clients", null, "About applications, not people."),
        new("oauth_client_secrets", null, "About applications, not people."),
        new("oauth_signing_keys", null, "Of the installation."),
        new("used_challenges", null, "Hashes of random values."),
        new("mailbox_letters", null, "Sealed letters of the development mailbox: stands for the world outside."),
        new("setup_links", null, "Of nobody."),
        new("server_facts", null, "About the installation."),
        new("schema_versions", null, "About the installation."),
        new("reset_case_counter", null, "A number."),
        new("deletion_counter", null, "A number."),
    ];

    public static async Task DeleteWaysIn(WriteTx tx, string accountId)
    {
        foreach (var rows in WaysIn) await tx.Execute(rows.Sql!, new { id = accountId });
    }

    /// <summary>Everything that is left.</summary>
    public static async Task DeleteAll(WriteTx tx, string accountId, string email)
    {
        foreach (var rows in All) if (rows.Sql is not null) await tx.Execute(rows.Sql, new { id = accountId, email = MailAddressShape.Canonical(email) });
    }

    /// <summary>A workspace that goes with its only owner: its people lose it, their accounts stay.</summary>
    public static async Task DeleteWorkspace(WriteTx tx, string id)
    {
        foreach (var sql in new[]
        {
            "DELETE FROM unusual_in_workspaces WHERE workspace_id = @id", "DELETE FROM report_arrivals WHERE workspace_id = @id", "DELETE FROM report_events WHERE workspace_id = @id", "DELETE FROM report_counts WHERE workspace_id = @id", "DELETE FROM api_keys WHERE workspace_id = @id", "DELETE FROM invitations WHERE workspace_id = @id", "DELETE FROM member_words WHERE workspace_id = @id", "DELETE FROM members WHERE workspace_id = @id", "DELETE FROM roles WHERE workspace_id = @id",
            "DELETE FROM workspaces WHERE id = @id",
        }) await tx.Execute(sql, new { id });
    }

    /// <summary>What there is much of in a workspace that goes, some at a time.</summary>
    /// <returns>How many went.</returns>
    public static async Task<int> DeleteSomeOf(WriteTx tx, string workspaceId, int limit) =>
        await tx.Execute("DELETE FROM unusual_in_workspaces WHERE workspace_id = @workspaceId AND id IN (SELECT id FROM unusual_in_workspaces WHERE workspace_id = @workspaceId ORDER BY id LIMIT @limit)", new { workspaceId, limit })
        + await tx.Execute("DELETE FROM report_arrivals WHERE workspace_id = @workspaceId AND entry_id IN (SELECT entry_id FROM report_arrivals WHERE workspace_id = @workspaceId ORDER BY entry_id LIMIT @limit)", new { workspaceId, limit })
        + await tx.Execute("DELETE FROM report_counts WHERE workspace_id = @workspaceId AND (hour, what, how) IN (SELECT hour, what, how FROM report_counts WHERE workspace_id = @workspaceId ORDER BY hour, what, how LIMIT @limit)", new { workspaceId, limit })
        + await tx.Execute("DELETE FROM invitations WHERE workspace_id = @workspaceId AND id IN (SELECT id FROM invitations WHERE workspace_id = @workspaceId ORDER BY id LIMIT @limit)", new { workspaceId, limit })
        + await tx.Execute("DELETE FROM member_words WHERE workspace_id = @workspaceId AND (account_id, word) IN (SELECT account_id, word FROM member_words WHERE workspace_id = @workspaceId ORDER BY account_id, word LIMIT @limit)", new { workspaceId, limit })
        + await tx.Execute("DELETE FROM members WHERE workspace_id = @workspaceId AND account_id IN (SELECT account_id FROM members WHERE workspace_id = @workspaceId ORDER BY account_id LIMIT @limit)", new { workspaceId, limit });

    /// <summary>Invitations to an address that the person had.</summary>
    public static Task DeleteInvitationsTo(WriteTx tx, string canonicalEmail) => tx.Execute("DELETE FROM invitations WHERE email_canonical = @canonicalEmail", new { canonicalEmail });

    /// <summary>What requests that were under way wrote about somebody who was gone at that moment.</summary>
    /// <param name="since">Of deletions that ended after this.</param>
    public static Task<int> DeleteLate(WriteTx tx, DateTimeOffset since, int limit) => tx.Execute(
        """
        DELETE FROM audit_personal WHERE (account_id, entry_id) IN (SELECT p.account_id, p.entry_id FROM deletions d JOIN audit_personal p ON p.account_id = d.account_id
          WHERE d.ended_at IS NOT NULL AND d.ended_at >= @since AND d.state = @done AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = d.account_id) ORDER BY p.account_id, p.entry_id LIMIT @limit)
        """,
        new { since, limit, done = Deletion.DeletionState.Done });

    /// <summary>The same for workspaces that went with somebody: figures of sign-ins that were under way at that moment.</summary>
    public static async Task<int> DeleteLateOfWorkspaces(WriteTx tx, DateTimeOffset since, int limit)
    {
        var gone = 0;
        foreach (var (table, key) in new[] { ("report_arrivals", "workspace_id, entry_id"), ("report_events", "workspace_id, entry_id, what"), ("report_counts", "workspace_id, hour, what, how") })
        {
            gone += await tx.Execute(
                $"""
                DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE workspace_id IN (SELECT w.workspace_id FROM deletions d JOIN deletion_workspaces w ON w.account_id = d.account_id AND w.deletion_id = d.id
                  WHERE d.ended_at IS NOT NULL AND d.ended_at >= @since AND d.state = @done AND NOT EXISTS (SELECT 1 FROM workspaces there WHERE there.id = w.workspace_id)) ORDER BY {key} LIMIT @limit)
                """,
                new { since, limit, done = Deletion.DeletionState.Done });
        }
        return gone;
    }

    /// <summary>What the receipt counts.</summary>
    public static async Task<(long Sessions, long Events)> Count(ReadTx tx, string accountId) => (
        await tx.Count("SELECT COUNT(*) FROM sessions WHERE account_id = @accountId", new { accountId }), await tx.Count("SELECT COUNT(*) FROM audit_personal WHERE account_id = @accountId", new { accountId }));

    /// <summary>Old sessions and the personal side of events, some at a time, before the last transaction: nobody waits behind a long one.</summary>
    /// <returns>How many went.</returns>
    public static async Task<int> DeleteSome(WriteTx tx, string accountId, int limit) =>
        await tx.Execute("DELETE FROM audit_personal WHERE account_id = @accountId AND entry_id IN (SELECT entry_id FROM audit_personal WHERE account_id = @accountId ORDER BY entry_id LIMIT @limit)", new { accountId, limit })
        + await tx.Execute("DELETE FROM sessions WHERE account_id = @accountId AND ended_at IS NOT NULL AND id IN (SELECT id FROM sessions WHERE account_id = @accountId AND ended_at IS NOT NULL ORDER BY id LIMIT @limit)", new { accountId, limit });

    /// <summary>Workspaces in whose events the person may be named: those they have, or had, to do with.</summary>
    /// <param name="addresses">Canonical: whoever invited one of them wrote it down.</param>
    public static async Task<IReadOnlyList<string>> WorkspacesOf(ReadTx tx, string accountId, IReadOnlyList<string> addresses)
    {
        var all = new SortedSet<string>(await WorkspacesOf(tx, accountId), StringComparer.Ordinal);
        foreach (var email in addresses) all.UnionWith(await tx.Many<string>("SELECT DISTINCT workspace_id FROM invitations WHERE email_canonical = @email ORDER BY workspace_id", new { email }));
        return [.. all];
    }

    private static Task<List<string>> WorkspacesOf(ReadTx tx, string accountId) => tx.Many<string>(
        """
        SELECT workspace_id FROM audit_entries WHERE account_id = @accountId AND workspace_id <> ''
        UNION SELECT workspace_id FROM audit_entries WHERE actor_id = @accountId AND actor_id <> account_id AND actor_id <> '' AND workspace_id <> ''
        UNION SELECT workspace_id FROM members WHERE account_id = @accountId
        ORDER BY workspace_id
        """,
        new { accountId });

    /// <summary>Names that workspaces show the person by.</summary>
    public static Task<List<string>> ShownNames(ReadTx tx, string accountId) => tx.Many<string>("SELECT DISTINCT shown_name FROM members WHERE account_id = @accountId AND shown_name IS NOT NULL ORDER BY shown_name", new { accountId });

    /// <summary>Names that the person had, and names that workspaces showed them by, as their own events tell.</summary>
    public static async Task<IReadOnlyList<string>> FormerNames(ReadTx tx, string accountId) =>
        [.. await Facts(tx, accountId, AuditKind.ProfileChanged, "oldName"), .. await Facts(tx, accountId, AuditKind.MemberRenamed, "name")];

    /// <summary>Addresses that the person had, as their own events and changes of the address tell. One that was only asked for, and never confirmed, may be anybody's.</summary>
    public static async Task<IReadOnlyList<string>> FormerAddresses(ReadTx tx, string accountId)
    {
        var all = new List<string>(await tx.Many<string>("SELECT old_email FROM email_changes WHERE account_id = @accountId AND confirmed_at IS NOT NULL UNION SELECT new_email FROM email_changes WHERE account_id = @accountId AND confirmed_at IS NOT NULL ORDER BY 1", new { accountId }));
        foreach (var kind in new[] { AuditKind.EmailChanged, AuditKind.EmailPutBack }) foreach (var fact in new[] { "email", "oldEmail" }) all.AddRange(await Facts(tx, accountId, kind, fact));
        return [.. all.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static async Task<IEnumerable<string>> Facts(ReadTx tx, string accountId, string kind, string fact) =>
        (await tx.Many<string>("SELECT p.details FROM audit_entries e JOIN audit_personal p ON p.account_id = e.account_id AND p.entry_id = e.id WHERE e.account_id = @accountId AND e.kind = @kind ORDER BY e.id", new { accountId, kind }))
        .Select(details => JsonSerializer.Deserialize(details, WebJson.Default.DictionaryStringString)!.GetValueOrDefault(fact, "")).Where(value => value.Length > 0);

    /// <summary>The personal sides of a workspace's events about others, some at a time.</summary>
    public static Task<List<PersonalSide>> SidesIn(ReadTx tx, string workspaceId, PersonalSide? after, int limit) => tx.Many<PersonalSide>(
        """
        SELECT p.account_id, p.entry_id, p.details FROM audit_entries e JOIN audit_personal p ON p.account_id = e.account_id AND p.entry_id = e.id
        WHERE e.workspace_id = @workspaceId AND e.workspace_id <> '' AND (e.account_id, e.id) > (@account, @entry) ORDER BY e.account_id, e.id LIMIT @limit
        """,
        new { workspaceId, account = after?.AccountId ?? "", entry = after?.EntryId ?? "", limit });

    public static Task DeleteSide(WriteTx tx, PersonalSide side) => tx.Execute("DELETE FROM audit_personal WHERE account_id = @AccountId AND entry_id = @EntryId", new { side.AccountId, side.EntryId });
}

/// <summary>The personal side of one event.</summary>
public sealed record PersonalSide
{
    public required string AccountId { get; init; }

    public required string EntryId { get; init; }

    public required string Details { get; init; }

    /// <summary>One of its facts is one of these names, or the address.</summary>
    public bool Mentions(IReadOnlySet<string> names) => JsonSerializer.Deserialize(Details, WebJson.Default.DictionaryStringString)!.Any(fact => fact.Key is not ("workspace" or "role") && names.Contains(fact.Value));
}
