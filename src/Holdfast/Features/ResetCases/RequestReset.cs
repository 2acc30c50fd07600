using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <param name="Lost">Of <see cref="LostThing"/>; others are left out.</param>
/// <param name="Reason">What happened, and how the requester knows: 1 to <see cref="RequestReset.LongestReason"/> characters, lines allowed, no addresses of web pages.</param>
/// <param name="Reach">How an operator can reach the person, one line.</param>
/// <param name="Known">The requester has talked to the person.</param>
public sealed record ResetForm(IReadOnlyList<string> Lost, string Reason, string Reach, bool Known);

/// <summary>Somebody with <see cref="Permission.UsersRecover"/> asks for the reset of a member's two-factor, or takes the wish back. The person is told at once, with a link that stops it; operators are told as well (ASVS 6.4.4).</summary>
public sealed class RequestReset(Db db, ResetCaseLetters letters, CloseCase close, TimeProvider clock, HoldfastSettings settings)
{
    public const int LongestReason = 500;

    /// <summary>
    /// Refuses with <c>user.unknown</c> (404), <c>reset_case.yourself</c> (409), at fields <c>form.…</c>, <c>reset_case.no_links</c>, <c>reset_case.talk_first</c> (400); <c>step_up.required</c> (403); as <see cref="WorkspaceActor.Again"/>;
    /// <c>role.above_yours</c> (403), <c>two_factor.off</c>, <c>reset_case.open_already</c> (409), <c>reset_case.too_many</c> (429).
    /// </summary>
    public async Task<Outcome<ResetCase>> Run(WorkspaceActor actor, string id, ResetForm form, Client client)
    {
        if (await db.Read(tx => MemberTable.Find(tx, actor.WorkspaceId, id)) is null) return CaseRefusals.NoSuchUser;
        if (id == actor.Me.Account.Id) return CaseRefusals.Yourself;
        form = form with { Reason = Fields.Lines(form.Reason), Reach = form.Reach.Trim(), Lost = [.. LostThing.All.Intersect(form.Lost, StringComparer.Ordinal)] };
        if (Wrong(form) is { } wrong) return wrong;
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } unproven) return unproven;
        return await db.Write<Outcome<ResetCase>>(async tx =>
        {
            var again = await actor.Again(tx, Permission.UsersRecover);
            if (!again.Ok) return again.Refusal;
            if (await MemberTable.Find(tx, actor.WorkspaceId, id) is not { } member || await AccountTable.ById(tx, id) is not { } person) return CaseRefusals.NoSuchUser;
            if (again.Value.Rights.WhyNotActOn(member.Rights) is { } above) return above;
            await TwoFactorTable.Hold(tx, id);
            return await WhyNot(tx, id) is { } refusal ? refusal : await Open(tx, actor, again.Value, person, form, client);
        });
    }

    /// <summary>The workspace that asked takes it back. Refuses with <c>reset_case.none_open</c> (404), and as <see cref="WorkspaceActor.Again"/>. Asks for no proof: afterwards everything is as it was.</summary>
    public async Task<Outcome<ResetCase>> Withdraw(WorkspaceActor actor, string id, Client client) => await db.Write<Outcome<ResetCase>>(async tx =>
    {
        var again = await actor.Again(tx, Permission.UsersRecover);
        if (!again.Ok) return again.Refusal;
        await TwoFactorTable.Hold(tx, id);
        // Whether they are still a member does not matter: the case is this workspace's.
        if (await ResetCaseTable.OpenOf(tx, id) is not { } open || open.WorkspaceId != actor.WorkspaceId) return CaseRefusals.NoneOpen;
        return await close.In(tx, open, open.State, CaseState.Withdrawn, By(actor, client), clock.GetUtcNow()) is { } closed ? closed : CaseRefusals.Closed;
    });

    private async Task<ResetCase> Open(WriteTx tx, WorkspaceActor actor, Membership asker, Account person, ResetForm form, Client client)
    {
        var now = clock.GetUtcNow();
        var request = new CaseRequest(actor.Name, asker.Rights.CustomName ?? asker.Rights.Key, actor.Workspace, person.Name, person.Email, string.Join(' ', form.Lost), form.Reason, form.Reach);
        var text = request.Sealed();
        var opened = new ResetCase
        {
            AccountId = person.Id, Id = Ids.New(now), Number = await ResetCaseTable.NextNumber(tx), WorkspaceId = actor.WorkspaceId, State = CaseState.Requested, RequestedBy = actor.Me.Account.Id, RequestedAt = now,
            RequestSeal = text.Commitment, NextAt = now + ResetCase.UndecidedLifetime,
        };
        await ResetCaseTable.Insert(tx, opened);
        await ResetCaseTable.PutText(tx, opened, text);
        var link = await LinkTable.Make(tx, person.Id, LinkPurpose.StopReset, now, StopReset.LinkLifetime);
        await AuditLog.Record(tx, now, CaseEvent.Of(AuditKind.ResetRequested, opened, request, By(actor, client), []));
        await letters.Requested(tx, person, opened, request, link, now);
        tx.Announce(new Announcement("account", person.Id));
        return opened;
    }

    private async Task<Refusal?> WhyNot(WriteTx tx, string id)
    {
        if (await ResetCaseTable.OpenOf(tx, id) is not null) return CaseRefusals.OpenAlready;
        if (!(await TwoFactorTable.Of(tx, id)).IsOn) return TwoFactorRefusals.Off;
        return await ResetCaseTable.MadeSince(tx, id, clock.GetUtcNow() - ResetCase.PaceWindow) >= ResetCase.MostInWindow ? CaseRefusals.TooMany : null;
    }

    private static Refusal? Wrong(ResetForm form) => Refusal.Combine(
    [
        Fields.Text(form.Reason, "reason", LongestReason),
        // It stands in a letter under our name: nobody sends people elsewhere in it.
        form.Reason.Contains("://", StringComparison.Ordinal) || form.Reason.Contains("www.", StringComparison.OrdinalIgnoreCase) ? CaseRefusals.NoLinks : null,
        Fields.Line(form.Reach, "reach", 200),
        form.Known ? null : CaseRefusals.TalkFirst,
    ]);

    private static Closer By(WorkspaceActor actor, Client client) => new(actor.Me.Account.Id, actor.Name, client, actor.Me.Session.Id);
}
