using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Invitations;

/// <summary>Every statement on invitations.</summary>
public static class InvitationTable
{
    private const string Columns = "workspace_id, id, email, name, role, language, link_hash, invited_by, made_at, sent_at, ends_at, accepted_at, accepted_by, withdrawn_at";

    public static Task Insert(WriteTx tx, Invitation row) => tx.Execute(
        """
        INSERT INTO invitations (workspace_id, id, email, email_canonical, name, role, language, link_hash, invited_by, made_at, sent_at, ends_at)
        VALUES (@WorkspaceId, @Id, @Email, @canonical, @Name, @Role, @Language, @LinkHash, @InvitedBy, @MadeAt, @SentAt, @EndsAt)
        """,
        new { row.WorkspaceId, row.Id, row.Email, canonical = MailAddressShape.Canonical(row.Email), row.Name, row.Role, row.Language, row.LinkHash, row.InvitedBy, row.MadeAt, row.SentAt, row.EndsAt });

    /// <summary>The one that is neither accepted nor withdrawn; its link may have ended.</summary>
    public static Task<Invitation?> OpenFor(ReadTx tx, string workspaceId, string email) => tx.One<Invitation>(
        $"SELECT {Columns} FROM invitations WHERE workspace_id = @workspaceId AND email_canonical = @canonical AND accepted_at IS NULL AND withdrawn_at IS NULL", new { workspaceId, canonical = MailAddressShape.Canonical(email) });

    public static Task<Invitation?> Find(ReadTx tx, string workspaceId, string id) => tx.One<Invitation>($"SELECT {Columns} FROM invitations WHERE workspace_id = @workspaceId AND id = @id", new { workspaceId, id });

    public static Task<Invitation?> ByLink(ReadTx tx, TokenHash link) => tx.One<Invitation>($"SELECT {Columns} FROM invitations WHERE link_hash = @link", new { link });

    /// <summary>Open ones, newest first, with the inviters' names.</summary>
    public static Task<List<OpenInvitation>> Open(ReadTx tx, string workspaceId, int limit) => tx.Many<OpenInvitation>(
        """
        SELECT i.id, i.email, i.role, r.name AS role_name, i.sent_at, i.ends_at, a.name AS invited_by
        FROM invitations i LEFT JOIN accounts a ON a.id = i.invited_by LEFT JOIN roles r ON r.workspace_id = i.workspace_id AND r.id = i.role
        WHERE i.workspace_id = @workspaceId AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL ORDER BY i.sent_at DESC, i.id DESC LIMIT @limit
        """,
        new { workspaceId, limit });

    /// <summary>Letters of invitations of which one went out since a moment.</summary>
    public static Task<long> SentSince(ReadTx tx, string workspaceId, DateTimeOffset since) =>
        tx.Count("SELECT CAST(COALESCE(SUM(letters), 0) AS BIGINT) FROM invitations WHERE workspace_id = @workspaceId AND sent_at > @since", new { workspaceId, since });

    /// <summary>The same to one address, withdrawn and accepted ones included, and when the last went out.</summary>
    public static async Task<SentInvitations> SentTo(ReadTx tx, string workspaceId, string email, DateTimeOffset since) => (await tx.One<SentInvitations>(
        "SELECT CAST(COALESCE(SUM(letters), 0) AS BIGINT) AS letters, MAX(sent_at) AS last_sent_at FROM invitations WHERE workspace_id = @workspaceId AND email_canonical = @canonical AND sent_at > @since",
        new { workspaceId, canonical = MailAddressShape.Canonical(email), since }))!;

    /// <summary>A newer letter: the older link ends, and whoever sends it answers for it.</summary>
    public static Task SendAgain(WriteTx tx, Invitation row) => tx.Execute(
        """
        UPDATE invitations SET letters = letters + 1, email = @Email, role = @Role, name = @Name, language = @Language, link_hash = @LinkHash, invited_by = @InvitedBy, sent_at = @SentAt, ends_at = @EndsAt
        WHERE workspace_id = @WorkspaceId AND id = @Id AND accepted_at IS NULL AND withdrawn_at IS NULL
        """,
        row);

    /// <returns>False when it was accepted or withdrawn, or there is none.</returns>
    public static async Task<bool> Withdraw(WriteTx tx, string workspaceId, string id, DateTimeOffset now) => await tx.Execute(
        "UPDATE invitations SET withdrawn_at = @now WHERE workspace_id = @workspaceId AND id = @id AND accepted_at IS NULL AND withdrawn_at IS NULL", new { workspaceId, id, now }) == 1;

    /// <summary>The one statement that makes it single-use.</summary>
    public static async Task<bool> Accept(WriteTx tx, Invitation row, string accountId, DateTimeOffset now) => await tx.Execute(
        """
        UPDATE invitations SET accepted_at = @now, accepted_by = @accountId
        WHERE workspace_id = @WorkspaceId AND id = @Id AND link_hash = @LinkHash AND accepted_at IS NULL AND withdrawn_at IS NULL AND ends_at > @now
        """,
        new { row.WorkspaceId, row.Id, row.LinkHash, accountId, now }) == 1;

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        """
        DELETE FROM invitations WHERE (workspace_id, id) IN
          (SELECT workspace_id, id FROM invitations WHERE ends_at < @before ORDER BY ends_at, workspace_id, id LIMIT @limit)
        """,
        new { before, limit });
}

/// <summary>Letters that went to one address.</summary>
public sealed record SentInvitations
{
    public long Letters { get; init; }

    /// <summary>Null when there were none.</summary>
    public DateTimeOffset? LastSentAt { get; init; }
}

/// <summary>An open invitation as it is listed.</summary>
public sealed record OpenInvitation
{
    public required string Id { get; init; }

    public required string Email { get; init; }

    public required string Role { get; init; }

    public string? RoleName { get; init; }

    public DateTimeOffset SentAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    /// <summary>Null when that account is gone.</summary>
    public string? InvitedBy { get; init; }

    public Workspaces.Role Rights => Workspaces.Role.Of(Role, RoleName, null);
}
