using System.Globalization;
using Holdfast.Features.Audit;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <summary>Entries of the log about a workspace and its people. Names go into the personal side of an entry, so that erasing somebody erases them.</summary>
internal static class WorkspaceEvent
{
    /// <param name="accountId">Whom it is about.</param>
    /// <param name="role">The role that it is about.</param>
    /// <param name="before">The role that somebody had.</param>
    /// <param name="name">Another name that it is about: a new one, or whom somebody dealt with.</param>
    public static AuditEvent Of(string kind, WorkspaceActor actor, string accountId, Client client, Role? role = null, string? name = null, int? count = null, Role? before = null)
    {
        var data = new Dictionary<string, string>(StringComparer.Ordinal);
        var personal = new Dictionary<string, string>(StringComparer.Ordinal) { ["workspace"] = actor.Workspace, ["by"] = actor.Name };
        if (role is not null) data["role"] = role.Key;
        // What a role of their own allows may change later: the log keeps what it was.
        if (role is { IsCustom: true }) data["permissions"] = string.Join(' ', role.Permissions);
        if (before is not null) data["roleBefore"] = before.Key;
        if (role?.CustomName is { } custom) personal["role"] = custom;
        if (name is not null) personal["name"] = name;
        // In the maker's name, and by no hand of theirs.
        if (actor.Key is { } key) data["apiKey"] = key.Id;
        if (count is { } number) data["count"] = number.ToString(CultureInfo.InvariantCulture);
        return new AuditEvent(kind, accountId, client) { ActorId = actor.Me.Account.Id, SessionId = actor.Me.Session.Id, WorkspaceId = actor.WorkspaceId, Data = data, Personal = personal };
    }
}
