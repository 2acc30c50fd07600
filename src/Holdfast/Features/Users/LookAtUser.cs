using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Users;

/// <summary>A member as somebody with <see cref="Permission.UsersView"/> sees them: nothing secret, and of the account only what keeping the workspace safe needs.</summary>
/// <param name="OnlyHere">This is the person's one workspace: then account-wide events are shown, and account-wide acts open.</param>
/// <param name="Factors">Kinds of factors (<see cref="ProofMethod"/>), one entry for each factor.</param>
/// <param name="SessionCount">Live sessions.</param>
public sealed record User(Account Account, Membership Membership, bool OnlyHere, IReadOnlyList<string> Factors, long SessionCount, DateTimeOffset? LastActiveAt)
{
    /// <summary>As this workspace shows it.</summary>
    public string Name => Membership.ShownName ?? Account.Name;
}

/// <summary>One person's page.</summary>
public sealed class LookAtUser(Db db, ListActivity activity)
{
    /// <summary>Refuses with <c>user.unknown</c> (404): no member of this workspace, whoever else they are.</summary>
    public Task<Outcome<User>> Run(WorkspaceActor actor, string id) => db.Read<Outcome<User>>(async tx =>
    {
        if (await MemberTable.Find(tx, actor.WorkspaceId, id) is not { } membership || await AccountTable.ById(tx, id) is not { } account) return UserRefusals.Unknown;
        var (count, last) = await UserTable.Sessions(tx, id);
        return new User(account, membership, await MemberTable.CountOf(tx, id) == 1, [.. (await TwoFactorTable.Of(tx, id)).All.Select(f => f.Method)], count, last);
    });

    /// <summary>Recent events of the person: those of this workspace, and, where it is their only one, those of the account since they came. Of operators the latter are for operators.</summary>
    public Task<ActivityPage> Events(WorkspaceActor actor, User user, string? after, Text text, int limit) => activity.OfMember(user.Account.Id, actor.WorkspaceId, user.OnlyHere && (!user.Account.IsOperator || actor.Me.Account.IsOperator) ? user.Membership.Since : null, after, text, limit);
}

public static class UserRefusals
{
    public static readonly Refusal Unknown = new("user.unknown", 404);
    public static readonly Refusal Yourself = new("user.yourself", 409);
    public static readonly Refusal SuspendedAlready = new("user.suspended_already", 409);
    public static readonly Refusal NotSuspended = new("user.not_suspended", 409);
    public static readonly Refusal NotOnlyHere = new("user.not_only_here", 403);
    public static readonly Refusal OfOperator = new("user.of_operator", 403);
}
