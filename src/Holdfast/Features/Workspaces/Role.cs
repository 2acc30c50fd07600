using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <summary>How high a role stands. Custom roles stand with members, whatever they allow.</summary>
public enum Rank { Member, Admin, Owner }

/// <summary>What somebody is in a workspace, and may therefore do there. Rules only: no I/O.</summary>
/// <param name="Key">owner, admin, member, or the id of a custom role.</param>
/// <param name="CustomName">As somebody typed it; null for a built-in role, whose name is a text.</param>
/// <param name="Permissions">Of <see cref="Permission.All"/>, in that order.</param>
public sealed record Role(string Key, string? CustomName, IReadOnlyList<string> Permissions)
{
    public const int LongestName = 40;

    /// <summary>Custom roles of one workspace at most: a person has to be able to read the table of them.</summary>
    public const int Most = 20;

    public static readonly Role Owner = new("owner", null, Permission.All);
    public static readonly Role Admin = new("admin", null, [.. Permission.All.Where(p => p != Permission.SettingsEdit)]);
    public static readonly Role Member = new("member", null, []);

    public static readonly IReadOnlyList<Role> BuiltIn = [Owner, Admin, Member];

    /// <param name="permissions">Of a custom role, joined by spaces. What is no permission any more counts for nothing.</param>
    public static Role Of(string key, string? name, string? permissions) =>
        BuiltIn.FirstOrDefault(role => role.Key == key) ?? new Role(key, name ?? "", Sort((permissions ?? "").Split(' ')));

    /// <summary>In the usual order, each once; what is none is left out.</summary>
    public static IReadOnlyList<string> Sort(IEnumerable<string> permissions) => [.. Permission.All.Intersect(permissions, StringComparer.Ordinal)];

    public bool IsCustom => CustomName is not null;

    /// <summary>The name that people read.</summary>
    public string Named(Text text) => CustomName ?? text[$"role.{Key}"];

    public Rank Rank => Key switch { "owner" => Rank.Owner, "admin" => Rank.Admin, _ => Rank.Member };

    public bool Allows(string permission) => permission == Permission.None || Permissions.Contains(permission, StringComparer.Ordinal);

    /// <summary>It carries power over others.</summary>
    public bool Acts => Permissions.Any(p => Permission.Acting.Contains(p, StringComparer.Ordinal));

    /// <summary>Whether a list such as <c>TwoFactor:RequiredForRoles</c> means this role. A custom one counts as a member's, and as an admin's when it has power over others.</summary>
    public bool IsMeantBy(IReadOnlyList<string> named) =>
        IsCustom ? named.Contains(Member.Key, StringComparer.Ordinal) || (Acts && named.Contains(Admin.Key, StringComparer.Ordinal)) : named.Contains(Key, StringComparer.Ordinal);

    /// <summary>Null when whoever has this role may change, suspend or remove somebody who has <paramref name="theirs"/>: not above their own, and with nothing that they lack.</summary>
    public Refusal? WhyNotActOn(Role theirs) => theirs.Rank > Rank || !theirs.Permissions.All(Allows) ? RoleRefusals.AboveYours : null;

    /// <summary>Null when whoever has this role may give <paramref name="granted"/> to others. Ownership is never given this way: it is handed over.</summary>
    public Refusal? WhyNotGrant(Role granted)
    {
        if (granted.Rank == Rank.Owner) return RoleRefusals.OwnerIsHandedOver;
        return granted.Rank > Rank ? RoleRefusals.AboveYours : WhyNotMake(granted.Permissions);
    }

    /// <summary>Null when whoever has this role may put these permissions into a role, or take them out of one.</summary>
    public Refusal? WhyNotMake(IEnumerable<string> permissions) => permissions.All(Allows) ? null : RoleRefusals.MoreThanYours;
}

public static class RoleRefusals
{
    public static readonly Refusal AboveYours = new("role.above_yours", 403);
    public static readonly Refusal MoreThanYours = new("role.more_than_yours", 403);
    public static readonly Refusal OwnerIsHandedOver = new("role.owner_is_handed_over", 403, "role");
    public static readonly Refusal LastOwner = new("role.last_owner", 409);
    public static readonly Refusal Unknown = new("role.unknown", 404, "role");
    public static readonly Refusal BuiltIn = new("role.built_in", 409);
    public static readonly Refusal InUse = new("role.in_use", 409);
    public static readonly Refusal NameTaken = new("role.name_taken", 409, "name");
    public static readonly Refusal PermissionUnknown = new("role.permission_unknown", 400, "permissions");
    public static readonly Refusal Empty = new("role.empty", 400, "permissions");
    public static readonly Refusal TooMany = new("role.too_many", 409, null, null, Role.Most);
}
