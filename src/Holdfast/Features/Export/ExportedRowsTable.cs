using System.Text.Json;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Export;

/// <param name="File">Name of the file in the ZIP, without its ending.</param>
/// <param name="Part">Name of the list in the file.</param>
/// <param name="Table">The table that it is from.</param>
/// <param name="Sql">What of it: every column is written as it is named here. Never a hash, a key or a link.</param>
/// <param name="Facts">Of the column <c>details</c> only these: the others are about somebody else. Null for all.</param>
public sealed record ExportedRows(string File, string Part, string Table, string Sql, IReadOnlyList<string>? Facts = null);

/// <summary>Everything that is held on a person, and what of it is handed out: all but secrets. A table that holds something on a person and is not named here fails a test.</summary>
public static class ExportedRowsTable
{
    /// <summary>Rows of one part at most, the newest.</summary>
    private const int Most = 100_000;

    public static readonly IReadOnlyList<ExportedRows> All =
    [
        new("profile", "account", "accounts", "SELECT id, email, name, language, time_zone, operator_since, created_at, suspended_at, closed_at, last_sign_in_at FROM accounts WHERE id = @id"),
        new("profile", "emailChanges", "email_changes", "SELECT old_email, new_email, asked_at, address, user_agent, hints, confirmed_at, undone_at, dropped_at FROM email_changes WHERE account_id = @id ORDER BY id"),
        new("sign-in", "password", "passwords", "SELECT score, changed_at, blocked_at FROM passwords WHERE account_id = @id"),
        new("sign-in", "twoFactor", "two_factor", "SELECT required_since, grace_until, codes_saved_at, new_device_since FROM two_factor WHERE account_id = @id"),
        new("sign-in", "apps", "totp_apps", "SELECT id, name, made_at, confirmed_at, last_used_at FROM totp_apps WHERE account_id = @id ORDER BY id"),
        new("sign-in", "passkeys", "passkeys", "SELECT id, name, transports, backup_eligible, backed_up, added_at, last_used_at, paused_at FROM passkeys WHERE account_id = @id ORDER BY id"),
        new("sign-in", "recoveryCodes", "recovery_codes", "SELECT made_at, used_at FROM recovery_codes WHERE account_id = @id ORDER BY made_at, used_at"),
        new("devices", "sessions", "sessions", "SELECT id, signed_in_with, created_at, last_active_at, proven_at, proven_with, second_proven_at, second_proven_with, address, user_agent, hints, ended_at, end_reason FROM sessions WHERE account_id = @id ORDER BY id DESC LIMIT @most"),
        new("devices", "knownBrowsers", "known_browsers", "SELECT first_seen_at, last_seen_at FROM known_browsers WHERE account_id = @id ORDER BY first_seen_at, last_seen_at"),
        new("devices", "knownCountries", "known_countries", "SELECT country, first_seen_at, last_seen_at FROM known_countries WHERE account_id = @id ORDER BY country"),
        new("devices", "rememberedBrowsers", "trusted_browsers", "SELECT address, user_agent, hints, made_at, last_used_at, ends_at FROM trusted_browsers WHERE account_id = @id ORDER BY id"),
        new("activity", "events", "audit_personal", "SELECT e.id, e.at, e.kind, e.session_id, e.workspace_id, e.data, p.details FROM audit_entries e LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.entry_id = e.id AND e.actor_id IN (e.account_id, '') WHERE e.account_id = @id ORDER BY e.id DESC LIMIT @most"),
        new("activity", "unusual", "unusual_events", "SELECT kind, severity, at, session_id, address, user_agent, hints, facts, closed_at, closed_how FROM unusual_events WHERE account_id = @id ORDER BY id"),
        new("activity", "secured", "secure_runs", "SELECT signed_out, signed_out_at, password_at, factors_at, later_at, closed_at FROM secure_runs WHERE account_id = @id ORDER BY id"),
        new("activity", "doneToOthers", "audit_personal", "SELECT e.at, e.kind, e.session_id, e.workspace_id, p.details FROM audit_entries e JOIN audit_personal p ON p.account_id = e.account_id AND p.entry_id = e.id WHERE e.actor_id = @id AND e.actor_id <> e.account_id AND e.actor_id <> '' ORDER BY e.id DESC LIMIT @most", ["address", "browser", "hints"]),
        new("workspaces", "apiKeys", "api_keys", "SELECT workspace_id, id, name, scopes, begins_with, made_at, ends_at, last_used_at, last_used_from, revoked_at FROM api_keys WHERE made_by = @id ORDER BY workspace_id, id"),
        new("workspaces", "memberships", "members", "SELECT m.workspace_id, w.name AS workspace, m.role, r.name AS role_name, m.since, m.shown_name, m.suspended_at FROM members m JOIN workspaces w ON w.id = m.workspace_id LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role WHERE m.account_id = @id ORDER BY m.workspace_id"),
        new("workspaces", "invitations", "invitations", "SELECT i.workspace_id, w.name AS workspace, i.email, i.name, i.role, i.made_at, i.sent_at, i.ends_at, i.accepted_at, i.withdrawn_at FROM invitations i JOIN workspaces w ON w.id = i.workspace_id WHERE i.email_canonical = @email OR i.accepted_by = @id ORDER BY i.workspace_id, i.id"),
        new("workspaces", "invited", "invitations", "SELECT i.workspace_id, w.name AS workspace, i.role, i.made_at, i.sent_at, i.ends_at, i.accepted_at, i.withdrawn_at FROM invitations i JOIN workspaces w ON w.id = i.workspace_id WHERE i.invited_by = @id ORDER BY i.workspace_id, i.id"),
        new("applications", "allowed", "oauth_grants", "SELECT id, client_id, scopes, resources, workspace_id, made_at, last_used_at, last_used_from, revoked_at FROM oauth_grants WHERE account_id = @id ORDER BY id"),
        new("applications", "signIns", "oauth_families", "SELECT session_id, client_id, scopes, resource, acr, auth_time AS authenticated_at, made_at, last_used_at, ended_at, end_reason FROM oauth_families WHERE account_id = @id ORDER BY id DESC LIMIT @most"),
        new("cases", "twoFactorResets", "reset_case_texts", "SELECT c.number, c.state, c.requested_at, c.decided_at, c.closed_at, t.part, t.details FROM reset_cases c LEFT JOIN reset_case_texts t ON t.account_id = c.account_id AND t.case_id = c.id AND t.part = 'request' WHERE c.account_id = @id ORDER BY c.number"),
        new("cases", "askedForOthers", "reset_case_texts", "SELECT c.number, c.requested_at, t.details FROM reset_cases c JOIN reset_case_texts t ON t.account_id = c.account_id AND t.case_id = c.id AND t.part = 'request' WHERE c.requested_by = @id AND c.account_id <> @id ORDER BY c.number", ["by", "role", "workspace", "lost", "reason"]),
        new("cases", "decidedForOthers", "reset_case_texts", "SELECT c.number, c.decided_at, t.details FROM reset_cases c JOIN reset_case_texts t ON t.account_id = c.account_id AND t.case_id = c.id AND t.part = 'decision' WHERE c.decided_by = @id AND c.account_id <> @id ORDER BY c.number", ["by", "way", "evidence"]),
        new("cases", "deletions", "deletions", "SELECT number, state, asked_at, due_at, ended_at FROM deletions WHERE account_id = @id ORDER BY number"),
        new("cases", "exports", "exports", "SELECT asked_at, made_at, ends_at, bytes, fetched_at, dropped_at FROM exports WHERE account_id = @id ORDER BY id"),
        new("letters", "letters", "outbox", "SELECT kind, created_at, done_at, failed_at FROM outbox WHERE account_id = @id ORDER BY id DESC LIMIT @most"),
    ];

    /// <summary>Tables that hold something on a person and are not handed out, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> NotExported = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["passkey_handles"] = "A random name of the account that authenticators know; it opens nothing and says nothing.",
        ["pending_sign_ins"] = "Sign-ins that are half done, for ten minutes.",
        ["links"] = "Hashes of links; the letters are listed.",
        ["oauth_codes"] = "Hashes of codes that serve for a minute.",
        ["oauth_access_tokens"] = "Hashes of tokens; the sign-ins to applications are listed.",
        ["oauth_refresh_tokens"] = "Hashes of tokens; the sign-ins to applications are listed.",
        ["oauth_logouts"] = "Which application was told of the end of which session; the sessions are listed.",
        ["webhook_deliveries"] = "Which system was told of which event, for some days; the events are listed.",
        ["unusual_in_workspaces"] = "Which workspaces see what looked wrong; that itself is listed.",
        ["report_arrivals"] = "Which events the reports of which workspaces list; the events are listed.",
        ["report_backlog"] = "Which events are still to be counted; the events are listed.",
        ["audit_queue"] = "Which events wait for their place in the chain; the events are listed.",
        ["audit_chain"] = "The place of events in the chain; the events are listed.",
        ["member_words"] = "The words of name and address, for searching.",
        ["workspaces"] = "Whether the person turned a rule on stands in the activity.",
        ["roles"] = "Whether the person made one stands in the activity.",
    };

    public static async Task<List<IDictionary<string, object?>>> Read(ReadTx tx, ExportedRows rows, string accountId, string canonicalEmail) =>
        [.. (await tx.Many<object>(rows.Sql, new { id = accountId, email = canonicalEmail, most = Most })).Cast<IDictionary<string, object?>>().Select(row => Only(row, rows.Facts))];

    private static IDictionary<string, object?> Only(IDictionary<string, object?> row, IReadOnlyList<string>? facts)
    {
        if (facts is null || row["details"] is not string details) return row;
        var own = JsonSerializer.Deserialize(details, WebJson.Default.DictionaryStringString)!.Where(fact => facts.Contains(fact.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal);
        return new Dictionary<string, object?>(row, StringComparer.Ordinal) { ["details"] = JsonSerializer.Serialize(own, WebJson.Default.DictionaryStringString) };
    }
}
