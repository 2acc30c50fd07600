using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <summary>Whom a rule for everybody meets.</summary>
/// <param name="Count">People without two-factor; <see cref="RequireTwoFactor.MostCounted"/> stands for that many and more.</param>
/// <param name="All">People of the workspace, counted likewise.</param>
/// <param name="People">The first of them, by name.</param>
public sealed record Affected(long Count, long All, IReadOnlyList<AffectedPerson> People);

public sealed record AffectedPerson
{
    public required string AccountId { get; init; }

    public required string Name { get; init; }

    public required string Email { get; init; }

    public DateTimeOffset? SuspendedAt { get; init; }

    public DateTimeOffset? LastSignInAt { get; init; }
}

/// <summary>"Everybody in this workspace needs two-factor", with days of grace; and off again.</summary>
public sealed class RequireTwoFactor(Db db, WorkspaceLetters letters, Throttle throttle, TimeProvider clock, HoldfastSettings settings)
{
    public const int MostDays = 90;

    /// <summary>Beyond this, figures say "more than".</summary>
    public const int MostCounted = 10_000;

    /// <summary>People shown by name, and letters sent at most: beyond it the sign-in page tells.</summary>
    public const int MostShown = 500;

    /// <summary>Rounds of letters about this rule in 24 hours: one, and another for who mistook the days. Each goes to everybody without two-factor, and more of them would be a way to pester people.</summary>
    public const int MostRounds = 2;

    public Task<Affected> Look(WorkspaceActor actor) => db.Read(async tx => new Affected(
        await WithoutTable.Count(tx, actor.WorkspaceId, MostCounted), await WithoutTable.CountAll(tx, actor.WorkspaceId, MostCounted), await WithoutTable.First(tx, actor.WorkspaceId, MostShown)));

    /// <summary>
    /// Turns it on, or changes the days of grace, counted from now. Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c>, <c>step_up.second_factor_required</c>, <c>workspace.two_factor_first</c> (403: whoever
    /// turns it on has to have it, or they would lock themselves out), and <c>request.range</c> (400).
    /// </summary>
    /// <param name="tell">True writes to everybody without two-factor, at most <see cref="MostRounds"/> times in 24 hours; after that the rule changes and nobody is written to.</param>
    /// <returns>How many letters were put into the outbox.</returns>
    public async Task<Outcome<int>> TurnOn(WorkspaceActor actor, int graceDays, bool tell, Client client)
    {
        if (graceDays is < 0 or > MostDays) return new Refusal("request.range", 400, "graceDays", Args: [0, MostDays]);
        if (!actor.Me.Factors.IsOn) return RequireTwoFactorRefusals.First;
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write<Outcome<int>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (await actor.Again(tx, Permission.SettingsEdit) is { Ok: false } refused) return refused.Refusal;
            if (!(await TwoFactorTable.Of(tx, actor.Me.Account.Id)).IsOn) return RequireTwoFactorRefusals.First;
            await WorkspaceTable.SetEveryone(tx, actor.WorkspaceId, now, graceDays, actor.Me.Account.Id);
            await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.WorkspaceTwoFactorOn, actor, actor.Me.Account.Id, client));
            tx.Announce(new Announcement("workspace", actor.WorkspaceId));
            return tell && await throttle.ChargeRound(tx, "two_factor_everyone", actor.WorkspaceId, MostRounds, now) ? await Tell(tx, actor, now.AddDays(graceDays), now) : 0;
        });
    }

    /// <summary>Those who have it keep it. Refuses as <see cref="WorkspaceActor.Again"/>, and with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403).</summary>
    public async Task<Outcome<Done>> TurnOff(WorkspaceActor actor, Client client)
    {
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            if (await actor.Again(tx, Permission.SettingsEdit) is { Ok: false } refused) return refused.Refusal;
            if (await RequireProof.Again(tx, actor.Me, settings.Sessions) is { } old) return old;
            await WorkspaceTable.SetEveryone(tx, actor.WorkspaceId, null, 0, null);
            await AuditLog.Record(tx, clock.GetUtcNow(), WorkspaceEvent.Of(AuditKind.WorkspaceTwoFactorOff, actor, actor.Me.Account.Id, client));
            tx.Announce(new Announcement("workspace", actor.WorkspaceId));
            return Done.It;
        });
    }

    private async Task<int> Tell(WriteTx tx, WorkspaceActor actor, DateTimeOffset from, DateTimeOffset now)
    {
        var told = 0;
        foreach (var person in await WithoutTable.First(tx, actor.WorkspaceId, MostShown))
        {
            if (person.SuspendedAt is not null || await AccountTable.ById(tx, person.AccountId) is not { IsActive: true } account) continue;
            await letters.Tell(tx, account, "two_factor_everyone", actor, now, until: from);
            told++;
        }
        return told;
    }
}

public static class RequireTwoFactorRefusals
{
    public static readonly Refusal First = new("workspace.two_factor_first", 403);
}

/// <summary>Statements on who has no two-factor.</summary>
public static class WithoutTable
{
    public static Task<long> CountAll(ReadTx tx, string workspaceId, int most) =>
        tx.Count("SELECT COUNT(*) FROM (SELECT account_id FROM members WHERE workspace_id = @workspaceId LIMIT @most) AS counted", new { workspaceId, most });

    public static Task<long> Count(ReadTx tx, string workspaceId, int most) =>
        tx.Count("SELECT COUNT(*) FROM (SELECT account_id FROM members WHERE workspace_id = @workspaceId AND has_two_factor = 0 LIMIT @most) AS counted", new { workspaceId, most });

    /// <summary>By name.</summary>
    public static Task<List<AffectedPerson>> First(ReadTx tx, string workspaceId, int limit) => tx.Many<AffectedPerson>(
        """
        SELECT m.account_id, COALESCE(m.shown_name, a.name) AS name, a.email, m.suspended_at, a.last_sign_in_at
        FROM members m JOIN accounts a ON a.id = m.account_id WHERE m.workspace_id = @workspaceId AND m.has_two_factor = 0 ORDER BY m.name_sort, m.account_id LIMIT @limit
        """,
        new { workspaceId, limit });
}
