namespace Holdfast.Features.Workspaces;

/// <summary>A person's place in a workspace. Rules only.</summary>
public sealed record Membership
{
    public required string WorkspaceId { get; init; }

    public required string Slug { get; init; }

    public required string Workspace { get; init; }

    public string AccountId { get; init; } = "";

    /// <summary>owner, admin, member, or the id of a custom role.</summary>
    public required string Role { get; init; }

    /// <summary>Of a custom role; null for the built-in ones.</summary>
    public string? RoleName { get; init; }

    /// <summary>Of a custom role, joined by spaces.</summary>
    public string? RolePermissions { get; init; }

    public DateTimeOffset Since { get; init; }

    /// <summary>The name in this workspace; null shows the person's own.</summary>
    public string? ShownName { get; init; }

    /// <summary>Closed to this person, who stays a member.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>Since when everybody in the workspace needs two-factor; null where their roles alone decide.</summary>
    public DateTimeOffset? EveryoneSince { get; init; }

    public int EveryoneGraceDays { get; init; }

    public Role Rights => Workspaces.Role.Of(Role, RoleName, RolePermissions);

    /// <summary>When the workspace's own rule begins to hold for this person: the days of grace count from the rule, or from joining where that was later. Null without a rule.</summary>
    public DateTimeOffset? EveryoneFrom => EveryoneSince is { } since ? (Since > since ? Since : since).AddDays(EveryoneGraceDays) : null;
}
