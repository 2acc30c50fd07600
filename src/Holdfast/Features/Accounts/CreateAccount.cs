using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Recovery;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Accounts;

/// <param name="Workspace">Short name or name of a workspace to join; one that does not exist is made, with this person as owner. Null for none.</param>
public sealed record NewAccount(string Email, string Name, string? Workspace, bool Operator);

/// <param name="ResetLink">Opens the page where the person chooses their password.</param>
/// <param name="Role">Role in the workspace; null without one.</param>
public sealed record CreatedAccount(Account Account, SecretToken ResetLink, string? Role);

/// <summary>An account made by whoever runs the server. It has no password: a link that works once leads the person to choose one (ASVS 6.3.2, 6.4.1).</summary>
public sealed class CreateAccount(Db db, TimeProvider clock, RecoverySettings links)
{
    /// <summary>Refuses with <c>account.taken</c>, <c>account.workspace_ambiguous</c> (409), and at the fields <c>form.required</c>, <c>form.too_long</c>, <c>form.characters</c>, <c>form.email</c> (400).</summary>
    public async Task<Outcome<CreatedAccount>> Run(NewAccount form)
    {
        var (email, name, workspace) = (form.Email.Trim(), form.Name.Trim(), form.Workspace?.Trim());
        if (Refusal.Combine([
            Fields.Email(email, "email"), Fields.Line(name, "name", Account.MaximumNameLength),
            workspace is null ? null : Fields.Line(workspace, "workspace", 100)]) is { } wrong) return wrong;
        return await db.Write<Outcome<CreatedAccount>>(async tx =>
        {
            var now = clock.GetUtcNow();
            var account = new Account { Id = Ids.New(now), Email = email, Name = name, OperatorSince = form.Operator ? now : null, CreatedAt = now };
            var named = workspace is null ? [] : await WorkspaceTable.Named(tx, workspace);
            if (!await OpenAccount.Insert(tx, account, now)) return AccountRefusals.Taken;
            if (named.Count > 1)
            {
                tx.Undo();
                return AccountRefusals.WorkspaceAmbiguous;
            }
            var (workspaceId, role) = workspace is null ? ("", null) : await Join(tx, named.FirstOrDefault(), workspace, account, now);
            var facts = new Dictionary<string, string> { ["by"] = "command_line" };
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.AccountCreated, account.Id, Client.Server) { ActorId = "", WorkspaceId = workspaceId, Data = facts });
            if (form.Operator) await AuditLog.Record(tx, now, new AuditEvent(AuditKind.OperatorAdded, account.Id, Client.Server) { ActorId = "", Data = facts });
            return new CreatedAccount(account, await MakeResetLink.In(tx, account, links, now), role);
        });
    }

    private static async Task<(string Id, string Role)> Join(WriteTx tx, string? known, string workspace, Account account, DateTimeOffset now)
    {
        var (id, role) = known is null ? (await WorkspaceTable.Insert(tx, workspace, now), "owner") : (known, "member");
        await WorkspaceTable.AddMember(tx, id, account.Id, role, now);
        return (id, role);
    }
}

public static class AccountRefusals
{
    public static readonly Refusal Taken = new("account.taken", 409, "email");
    public static readonly Refusal Suspended = new("account.suspended", 403);
    public static readonly Refusal Unknown = new("account.unknown", 404, "email");
    public static readonly Refusal WorkspaceAmbiguous = new("account.workspace_ambiguous", 409, "workspace");
}
