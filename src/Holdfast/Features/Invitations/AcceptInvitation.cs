using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Invitations;

/// <summary>An invitation as its reader sees it.</summary>
/// <param name="InvitedBy">The inviter's name in the workspace.</param>
/// <param name="HasAccount">The invited address has an account: who reads its mail may know, and signs in to accept.</param>
public sealed record Offer(Invitation Invitation, WorkspaceRow Workspace, string InvitedBy, Role Role, bool HasAccount);

/// <param name="Zone">Time zone that the browser reports; kept where it is one.</param>
public sealed record NewPersonForm(string Name, PlainPassword Password, string? Zone);

/// <summary>
/// The link of an invitation, which proves that somebody reads the invited address: it makes an account there, or adds the account that they are signed in with. Whether the inviter may still give the role is asked now.
/// </summary>
public sealed class AcceptInvitation(Db db, CheckPassword check, PasswordHasher hasher, PasswordContexts contexts, OpenAccount open, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Null when the link is unknown, used, replaced by a newer one, withdrawn, past its end, or the inviter may no longer give it.</summary>
    public Task<Offer?> Look(TokenHash link) => db.Read(tx => Find(tx, link, clock.GetUtcNow()));

    /// <summary>
    /// Makes an account with the invited address and signs in. Refuses with <c>invitation.over</c> (404), <c>invitation.has_account</c> (409), <c>invitation.no_new_accounts</c> (403), at the fields <c>form.…</c> and what <see cref="CheckPassword"/> refuses (400),
    /// <c>hashing.queue_full</c> (503).
    /// </summary>
    public async Task<Outcome<SignInResult>> AsNew(TokenHash link, NewPersonForm form, Client client)
    {
        if (await Look(link) is not { } offer) return InvitationRefusals.Over;
        if (settings.SignUp.Mode == SignUpMode.Closed) return InvitationRefusals.NoNewAccounts;
        if (offer.HasAccount) return InvitationRefusals.HasAccount;
        var (name, email) = (form.Name.Trim(), offer.Invitation.Email);
        var score = await check.Run(form.Password, contexts.Of(name, email, [offer.Workspace.Name]), "password");
        if (Refusal.Combine([Fields.Line(name, "name", Account.MaximumNameLength), score.Refusal]) is { } wrong) return wrong;
        var hash = await hasher.Hash(form.Password);
        if (!hash.Ok) return hash.Refusal;
        return await db.Write<Outcome<SignInResult>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (await Held(tx, link, now) is not { } still) return InvitationRefusals.Over;
            var account = new Account
            {
                Id = Ids.New(now), Email = email, Name = name, TimeZone = TimeZones.IsKnown(form.Zone) ? form.Zone : null, Language = Text.Languages.Contains(still.Invitation.Language) ? still.Invitation.Language : null, CreatedAt = now,
            };
            if (!await OpenAccount.Keep(tx, account, new ChosenPassword(hash.Value, score.Value, settings.Passwords.LongestRuleMet(form.Password.CodePoints)), now)) return InvitationRefusals.HasAccount;
            if (!await Join(tx, still, account, client, "", now))
            {
                tx.Undo();
                return InvitationRefusals.Over;
            }
            return await open.SignIn(tx, account, ProofMethod.Invitation, "invitation", still.Workspace.Id, client, now);
        });
    }

    /// <summary>The signed-in account joins, whatever its address. Refuses with <c>invitation.over</c> (404), <c>invitation.here_already</c> (409).</summary>
    public Task<Outcome<WorkspaceRow>> AsMember(SignedIn me, TokenHash link, Client client) => db.Write<Outcome<WorkspaceRow>>(async tx =>
    {
        var now = clock.GetUtcNow();
        // The workspace before the session, as everybody who acts in one.
        var held = await Held(tx, link, now);
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        if (held is not { } offer || await AccountTable.ById(tx, me.Account.Id) is not { } account) return InvitationRefusals.Over;
        if (await MemberTable.Find(tx, offer.Workspace.Id, account.Id) is not null) return InvitationRefusals.HereAlready;
        if (!await Join(tx, offer, account, client, me.Session.Id, now))
        {
            tx.Undo();
            return InvitationRefusals.Over;
        }
        tx.Announce(new Announcement("account", account.Id));
        return offer.Workspace;
    });

    private static async Task<bool> Join(WriteTx tx, Offer offer, Account account, Client client, string session, DateTimeOffset now)
    {
        if (!await InvitationTable.Accept(tx, offer.Invitation, account.Id, now)) return false;
        await WorkspaceTable.AddMember(tx, offer.Workspace.Id, account.Id, offer.Role.Key, now);
        var personal = new Dictionary<string, string> { ["workspace"] = offer.Workspace.Name, ["by"] = offer.InvitedBy, ["name"] = offer.Invitation.Email };
        if (offer.Role.CustomName is { } custom) personal["role"] = custom;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.InvitationAccepted, account.Id, client) { SessionId = session, WorkspaceId = offer.Workspace.Id, Data = new Dictionary<string, string> { ["role"] = offer.Role.Key }, Personal = personal });
        return true;
    }

    /// <summary>Holds the workspace, so that neither the inviter's role nor the given one changes before the commit.</summary>
    private static async Task<Offer?> Held(WriteTx tx, TokenHash link, DateTimeOffset now)
    {
        if (await InvitationTable.ByLink(tx, link) is not { } invitation) return null;
        await WorkspaceTable.Hold(tx, invitation.WorkspaceId);
        return await Find(tx, link, now);
    }

    private static async Task<Offer?> Find(ReadTx tx, TokenHash link, DateTimeOffset now)
    {
        if (await InvitationTable.ByLink(tx, link) is not { } invitation || !invitation.IsOpen(now) || await WorkspaceTable.ById(tx, invitation.WorkspaceId) is not { } workspace) return null;
        var (inviter, role) = (await MemberTable.Find(tx, workspace.Id, invitation.InvitedBy), await RoleTable.Find(tx, workspace.Id, invitation.Role));
        if (!Invitation.StillStands(inviter, role) || await AccountTable.ById(tx, invitation.InvitedBy) is not { IsActive: true } by) return null;
        return new Offer(invitation, workspace, inviter!.ShownName ?? by.Name, role!, await AccountTable.ByEmail(tx, invitation.Email) is not null);
    }
}
