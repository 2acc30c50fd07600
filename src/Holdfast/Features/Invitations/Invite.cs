using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Invitations;

/// <summary>What is to be sent, and how.</summary>
/// <param name="Language">Of the letters: one of <see cref="Texts.Text.Languages"/>.</param>
/// <param name="CheckOnly">Says what would become of each line, and sends nothing.</param>
/// <param name="Again">Those with an open invitation get another letter, and the older link ends; otherwise they are left out, so that a file that broke off half-way can be sent once more.</param>
public sealed record InviteForm(IReadOnlyList<InviteLine> Lines, string Language, bool CheckOnly, bool Again = true);

/// <summary>
/// People are invited to a workspace, one or thousands: each line succeeds or fails by itself. Nobody gives a role above their own, nothing goes to people who are there already, and the letter has no words of the inviter's.
/// </summary>
public sealed class Invite(Db db, InvitationLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Lines of one request.</summary>
    public const int Most = 5000;

    /// <summary>Lines of one transaction: others write in between.</summary>
    private const int Step = 50;

    /// <summary>
    /// Refuses as <see cref="WorkspaceActor.Again"/>, with <c>invite.nobody</c>, <c>invite.too_many</c> (400), <c>step_up.required</c> (403, where a role with power over others is given). The refusal of one line stands in its result:
    /// <c>form.required</c>, <c>form.email</c>, <c>form.too_long</c>, <c>form.characters</c>, <c>invite.no_dot</c>, <c>invite.role_unknown</c>, as <see cref="Role.WhyNotGrant"/>, <c>invite.just_sent</c>, <c>invite.enough_today</c>.
    /// </summary>
    public async Task<Outcome<IReadOnlyList<InviteResult>>> Run(WorkspaceActor actor, InviteForm form, Client client)
    {
        if (form.Lines.Count == 0) return new Refusal("invite.nobody", 400, "to");
        if (form.Lines.Count > Most) return new Refusal("invite.too_many", 400, "to", Args: Most);
        var roles = await db.Read(async tx => (IReadOnlyList<Role>)[.. Role.BuiltIn, .. (await RoleTable.Of(tx, actor.WorkspaceId)).Select(row => row.Role)]);
        var read = Read(actor, form.Lines, roles);
        if (!form.CheckOnly && read.Any(r => r.Why is null && r.Role!.Acts) && RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } unproven) return unproven;
        var results = new List<InviteResult>(read.Count);
        foreach (var some in read.Chunk(Step))
        {
            var step = await db.Write<Outcome<List<InviteResult>>>(async tx =>
            {
                var again = await actor.Again(tx, Permission.UsersInvite);
                if (!again.Ok) return again.Refusal;
                var done = new List<InviteResult>(some.Length);
                var today = await InvitationTable.SentSince(tx, actor.WorkspaceId, clock.GetUtcNow() - TimeSpan.FromDays(1));
                foreach (var line in some)
                {
                    var result = line.Outcome != InviteOutcome.Invited ? line : await One(tx, actor, again.Value, line, form, today, client);
                    if (InviteOutcome.Sends(result.Outcome)) today++;
                    done.Add(result);
                }
                if (form.CheckOnly) tx.Undo();
                return done;
            });
            if (!step.Ok) return step.Refusal;
            results.AddRange(step.Value);
        }
        return results;
    }

    /// <summary>What can be said of the lines without looking anybody up.</summary>
    private static List<InviteResult> Read(WorkspaceActor actor, IReadOnlyList<InviteLine> lines, IReadOnlyList<Role> roles)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var results = new List<InviteResult>(lines.Count);
        foreach (var line in lines)
        {
            var role = line.Role.Length == 0 ? Role.Member : roles.FirstOrDefault(r => r.Key == line.Role) ?? roles.FirstOrDefault(r => string.Equals(r.CustomName ?? r.Key, line.Role, StringComparison.OrdinalIgnoreCase));
            var why = Fields.Email(line.Email, "email") ?? (line.Email.LastIndexOf('.') < line.Email.IndexOf('@', StringComparison.Ordinal) ? new Refusal("invite.no_dot", 400, "email") : null) ?? (line.Name.Length == 0 ? null : Fields.Line(line.Name, "name", Account.MaximumNameLength))
                ?? (role is null ? new Refusal("invite.role_unknown", 400, "role", Args: line.Role) : actor.Membership.Rights.WhyNotGrant(role));
            if (why is not null) results.Add(new InviteResult(line, InviteOutcome.Refused, role, Why: why));
            else if (!seen.TryAdd(MailAddressShape.Canonical(line.Email), line.Number)) results.Add(new InviteResult(line, InviteOutcome.Twice, role, seen[MailAddressShape.Canonical(line.Email)]));
            else results.Add(new InviteResult(line, InviteOutcome.Invited, role));
        }
        return results;
    }

    private async Task<InviteResult> One(WriteTx tx, WorkspaceActor actor, Membership me, InviteResult read, InviteForm form, long today, Client client)
    {
        var (line, role, now) = (read.Line, read.Role!, clock.GetUtcNow());
        if (await AccountTable.ByEmail(tx, line.Email) is { } account && await MemberTable.Find(tx, actor.WorkspaceId, account.Id) is not null) return read with { Outcome = InviteOutcome.HereAlready };
        var older = await InvitationTable.OpenFor(tx, actor.WorkspaceId, line.Email);
        if (older is not null && !form.Again) return read with { Outcome = InviteOutcome.InvitedAlready };
        if (today >= settings.SignUp.InvitationsPerDay) return read with { Outcome = InviteOutcome.Refused, Why = new Refusal("invite.enough_today", 429, Args: settings.SignUp.InvitationsPerDay) };
        if (older is not null && await WhyNotTouch(tx, me, older) is { } above) return read with { Outcome = InviteOutcome.Refused, Why = above };
        if (await Pace(tx, actor, line.Email, now) is { } soon) return read with { Outcome = InviteOutcome.Refused, Why = soon };
        if (!form.CheckOnly) await Send(tx, actor, older, line.Email, line.Name, role, form.Language, client, now);
        return read with { Outcome = older is null ? InviteOutcome.Invited : InviteOutcome.Again };
    }

    private async Task Send(WriteTx tx, WorkspaceActor actor, Invitation? older, string email, string name, Role role, string language, Client client, DateTimeOffset now)
    {
        var link = SecretToken.New();
        var invitation = new Invitation
        {
            WorkspaceId = actor.WorkspaceId, Id = older?.Id ?? Ids.New(now), Email = email, Name = name, Role = role.Key, Language = language, LinkHash = link.Hash, InvitedBy = actor.Me.Account.Id,
            MadeAt = older?.MadeAt ?? now, SentAt = now, EndsAt = now + settings.SignUp.InvitationLifetime,
        };
        if (older is null) await InvitationTable.Insert(tx, invitation);
        else await InvitationTable.SendAgain(tx, invitation);
        await letters.Invite(tx, invitation, actor, role, link, now);
        await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.InvitationSent, actor, actor.Me.Account.Id, client, role, invitation.Email));
    }

    /// <summary>Open invitations, newest first.</summary>
    public Task<List<OpenInvitation>> Open(WorkspaceActor actor, int limit) => db.Read(tx => InvitationTable.Open(tx, actor.WorkspaceId, limit));

    /// <summary>Refuses as <see cref="Run"/>, with <c>invite.unknown</c> (404).</summary>
    public Task<Outcome<string>> SendAgain(WorkspaceActor actor, string id, Client client) => Change(actor, id, async (tx, me, invitation, now) =>
    {
        if (await RoleTable.Find(tx, actor.WorkspaceId, invitation.Role) is not { } role) return RoleRefusals.Unknown;
        if (me.Rights.WhyNotGrant(role) is { } more) return more;
        if (role.Acts && RequireProof.Of(actor.Me, now, settings.Sessions) is { } unproven) return unproven;
        if (await Pace(tx, actor, invitation.Email, now) is { } soon) return soon;
        if (await InvitationTable.SentSince(tx, actor.WorkspaceId, now - TimeSpan.FromDays(1)) >= settings.SignUp.InvitationsPerDay) return new Refusal("invite.enough_today", 429, Args: settings.SignUp.InvitationsPerDay);
        await Send(tx, actor, invitation, invitation.Email, invitation.Name, role, invitation.Language, client, now);
        return invitation.Email;
    });

    /// <summary>Refuses as <see cref="WorkspaceActor.Again"/> and <see cref="Role.WhyNotGrant"/>, with <c>invite.unknown</c> (404).</summary>
    public Task<Outcome<string>> Withdraw(WorkspaceActor actor, string id, Client client) => Change(actor, id, async (tx, me, invitation, now) =>
    {
        if (await WhyNotTouch(tx, me, invitation) is { } above) return above;
        if (!await InvitationTable.Withdraw(tx, actor.WorkspaceId, id, now)) return InvitationRefusals.Unknown;
        await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.InvitationWithdrawn, actor, actor.Me.Account.Id, client, name: invitation.Email));
        return invitation.Email;
    });

    /// <summary>What somebody else invited to is theirs to change who could have given it as well. A role that is gone is nobody's.</summary>
    private static async Task<Refusal?> WhyNotTouch(WriteTx tx, Membership me, Invitation invitation) =>
        await RoleTable.Find(tx, invitation.WorkspaceId, invitation.Role) is { } role ? me.Rights.WhyNotGrant(role) : null;

    private static async Task<Refusal?> Pace(WriteTx tx, WorkspaceActor actor, string email, DateTimeOffset now)
    {
        var sent = await InvitationTable.SentTo(tx, actor.WorkspaceId, email, now - Invitation.LetterWindow);
        return Invitation.Wait(sent.Letters, sent.LastSentAt, now) is { } wait ? new Refusal("invite.just_sent", 429, RetryAfter: wait) : null;
    }

    private Task<Outcome<string>> Change(WorkspaceActor actor, string id, Func<WriteTx, Membership, Invitation, DateTimeOffset, Task<Outcome<string>>> work) => db.Write<Outcome<string>>(async tx =>
    {
        var again = await actor.Again(tx, Permission.UsersInvite);
        if (!again.Ok) return again.Refusal;
        if (await InvitationTable.Find(tx, actor.WorkspaceId, id) is not { AcceptedAt: null, WithdrawnAt: null } invitation) return InvitationRefusals.Unknown;
        return await work(tx, again.Value, invitation, clock.GetUtcNow());
    });
}

public static class InvitationRefusals
{
    public static readonly Refusal Unknown = new("invite.unknown", 404);
    public static readonly Refusal Over = new("invitation.over", 404);
    public static readonly Refusal HasAccount = new("invitation.has_account", 409);
    public static readonly Refusal NoNewAccounts = new("invitation.no_new_accounts", 403);
    public static readonly Refusal HereAlready = new("invitation.here_already", 409);
}
