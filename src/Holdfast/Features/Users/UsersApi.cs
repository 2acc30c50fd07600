using Holdfast.Features.ApiKeys;
using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.Users;

/// <param name="Next">Cursor of the page after; absent on the last.</param>
public sealed record UserListAnswer(IReadOnlyList<ListedUser> Items, string? Next);

/// <param name="Name">As this workspace shows it.</param>
/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c>, or the id of a custom role.</param>
/// <param name="RoleName">Of a custom role; absent for the others.</param>
/// <param name="LastSignInAt">Absent when they never signed in.</param>
public sealed record ListedUser(string Id, string Name, string Email, string Role, string? RoleName, bool TwoFactor, bool Suspended, DateTimeOffset? LastSignInAt);

/// <param name="OwnName">As the account has it.</param>
/// <param name="Factors">Kinds, one entry for each: <c>totp</c>.</param>
/// <param name="Sessions">Live ones.</param>
/// <param name="OnlyHere">In no other workspace: then account-wide acts are open, and account-wide events are shown.</param>
public sealed record UserAnswer(string Id, string Name, string OwnName, string Email, string Role, string? RoleName, bool Suspended, bool AccountSuspended, DateTimeOffset Since, IReadOnlyList<string> Factors, long Sessions, DateTimeOffset? LastActiveAt, DateTimeOffset? LastSignInAt, bool OnlyHere);

/// <summary>What is absent stays as it is.</summary>
/// <param name="Name">The name shown here; empty shows the person's own.</param>
/// <param name="Role">Key of a role.</param>
public sealed record EditUserRequest(string? Name = null, string? Role = null);

public sealed record UserEventsAnswer(IReadOnlyList<UserEvent> Items, string? Next);

/// <param name="Device">In words; empty for what others did.</param>
/// <param name="Place">In words, approximate.</param>
public sealed record UserEvent(string Id, DateTimeOffset At, string Kind, string What, string Device, string Place);

public static class UsersApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/workspaces/{workspace}/users").WithTags("Users");

        group.MapGet("", async (string workspace, HttpContext context, ListUsers list, string? q = null, string? role = null, string? only = null, string? after = null, int limit = ListUsers.PageSize) =>
        {
            if (limit is < 1 or > ListUsers.Most) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, ListUsers.Most]));
            // A page passes over what it does not know; a program that misspelt a filter would act on everybody.
            if (q?.Length > UserSearch.LongestText) return Api.Refuse(new Refusal("form.too_long", 400, "q", Args: UserSearch.LongestText));
            if (!string.IsNullOrEmpty(only) && !UserSearch.Filters.Contains(only, StringComparer.Ordinal)) return Api.Refuse(new Refusal("request.malformed", 400, "only"));
            if (!string.IsNullOrEmpty(role) && UserSearch.Of(null, role, null).Role != role) return Api.Refuse(new Refusal("request.malformed", 400, "role"));
            if (!list.Knows(context.InWorkspace(), after)) return Api.Refuse(new Refusal("request.malformed", 400, "after"));
            var page = await list.Run(context.InWorkspace(), UserSearch.Of(q, role, only), after, limit);
            return Results.Ok(new UserListAnswer([.. page.People.Select(p => new ListedUser(p.AccountId, p.Name, p.Email, p.Role, p.RoleName, p.HasTwoFactor, p.SuspendedAt is not null, p.LastSignInAt))], page.Next));
        }).WithName("listUsers").WithSummary("People of the workspace by name. `q` finds beginnings of words of name and address; `role` takes a key; `only` is without-two-factor, never-signed-in or suspended; `after` takes the cursor `next` of the page before")
            .Needs(Permission.UsersView).ForKeys(ApiScope.UsersRead).Produces<UserListAnswer>().ProducesProblem(400);

        group.MapGet("/{id}", async (string workspace, string id, HttpContext context, LookAtUser look) =>
        {
            var outcome = await look.Run(context.InWorkspace(), id);
            return outcome.Ok ? Results.Ok(Answer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("getUser").WithSummary("One person, and how safe their account is").Needs(Permission.UsersView).ForKeys(ApiScope.UsersRead).Produces<UserAnswer>();

        group.MapGet("/{id}/events", async (string workspace, string id, HttpContext context, LookAtUser look, Words words, string? after = null, int limit = 50) =>
        {
            if (limit is < 1 or > 200) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, 200]));
            var outcome = await look.Run(context.InWorkspace(), id);
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            var page = await look.Events(context.InWorkspace(), outcome.Value, after, words.Of(context), limit);
            return Results.Ok(new UserEventsAnswer([.. page.Items.Select(i => new UserEvent(i.Id, i.At, i.Kind, i.What, i.Device, i.Place))], page.Next));
        }).WithName("listUserEvents").WithSummary("Security events of this workspace, and of the account where it is in no other; newest first").Needs(Permission.UsersView).ForKeys(ApiScope.UsersRead).Produces<UserEventsAnswer>().ProducesProblem(400);

        group.MapPatch("/{id}", async (string workspace, string id, EditUserRequest body, HttpContext context, ActOnUser act) => Answer(await act.Edit(context.InWorkspace(), id, body.Name, body.Role, Client.Of(context))))
            .WithName("editUser").WithSummary("Change the name shown here, and the role").Needs(Permission.UsersEdit).Produces(204).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);

        group.MapDelete("/{id}", async (string workspace, string id, HttpContext context, ActOnUser act) => Answer(await act.Remove(context.InWorkspace(), id, Client.Of(context))))
            .WithName("removeUser").WithSummary("Remove from the workspace; the account stays").Needs(Permission.UsersEdit).Produces(204).ProducesProblem(403).ProducesProblem(409);

        group.MapPost("/{id}/suspend", async (string workspace, string id, HttpContext context, ActOnUser act) => Answer(await act.Suspend(context.InWorkspace(), id, Client.Of(context))))
            .WithName("suspendUser").WithSummary("Close the workspace to somebody, at once; the account is not touched").Needs(Permission.UsersEdit).Produces(204).ProducesProblem(403).ProducesProblem(409);

        group.MapPost("/{id}/reactivate", async (string workspace, string id, HttpContext context, ActOnUser act) => Answer(await act.Reactivate(context.InWorkspace(), id, Client.Of(context))))
            .WithName("reactivateUser").WithSummary("Open it again").Needs(Permission.UsersEdit).Produces(204).ProducesProblem(403).ProducesProblem(409);

        group.MapPost("/{id}/password-recovery", async (string workspace, string id, HttpContext context, ActOnUser act) => Answer(await act.Recover(context.InWorkspace(), id, Client.Of(context))))
            .WithName("recoverUser").WithSummary("Mail the person the letter with which they choose a new password; nobody else sees the link").Needs(Permission.UsersRecover).ForKeys(ApiScope.UsersRecover).Produces(204).ProducesProblem(403).ProducesProblem(429);

        group.MapPost("/{id}/sign-out", async (string workspace, string id, HttpContext context, ActOnUser act) => Answer(await act.SignOut(context.InWorkspace(), id, Client.Of(context))))
            .WithName("signOutUser").WithSummary("End all sessions of somebody who is in no other workspace; operators may for everybody").Needs(Permission.UsersEdit).Produces(204).ProducesProblem(403).ProducesProblem(409);
    }

    private static IResult Answer(Outcome<Done> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static UserAnswer Answer(User u) => new(u.Account.Id, u.Name, u.Account.Name, u.Account.Email, u.Membership.Role, u.Membership.RoleName, u.Membership.SuspendedAt is not null, u.Account.SuspendedAt is not null, u.Membership.Since,
        u.Factors, u.SessionCount, u.LastActiveAt, u.Account.LastSignInAt, u.OnlyHere);
}
