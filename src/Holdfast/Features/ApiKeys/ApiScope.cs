using Holdfast.Features.Workspaces;

namespace Holdfast.Features.ApiKeys;

/// <summary>Permanent names of what a key may be made for. Each is one permission of its maker, and the few routes that name it; none reaches beyond the workspace.</summary>
public static class ApiScope
{
    /// <summary>See the people of the workspace, and their events in it.</summary>
    public const string UsersRead = "users.read";

    /// <summary>Invite people as plain members, see and withdraw invitations.</summary>
    public const string UsersInvite = "users.invite";

    /// <summary>Have the letter sent with which somebody chooses a new password.</summary>
    public const string UsersRecover = "users.recover";

    /// <summary>Fetch the workspace's security log.</summary>
    public const string AuditRead = "audit.read";

    /// <summary>Read the workspace's figures, and the lists beside them.</summary>
    public const string ReportingRead = "reporting.read";

    /// <summary>On routes that every key may use.</summary>
    public const string Any = "";

    /// <summary>In the order in which pages show them.</summary>
    public static readonly IReadOnlyList<string> All = [UsersRead, UsersInvite, UsersRecover, AuditRead, ReportingRead];

    /// <summary>What its maker has to be allowed.</summary>
    public static string PermissionFor(string scope) => scope switch
    {
        UsersRead => Permission.UsersView,
        UsersInvite => Permission.UsersInvite,
        UsersRecover => Permission.UsersRecover,
        AuditRead or ReportingRead => Permission.ReportingView,
        _ => throw new ArgumentOutOfRangeException(nameof(scope)),
    };

    /// <summary>In the usual order, each once; what is none is left out.</summary>
    public static IReadOnlyList<string> Sort(IEnumerable<string> scopes) => [.. All.Intersect(scopes, StringComparer.Ordinal)];
}

/// <summary>Marks a route below <c>/api/v1/workspaces/{workspace}</c> that keys may use. Every other route refuses them: deny is the default.</summary>
/// <param name="scope">One of <see cref="ApiScope"/>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OpenToKeysAttribute(string scope) : Attribute
{
    public string Scope { get; } = scope;
}

public static class KeyRoutes
{
    /// <summary>Opens the route to keys with this scope; <see cref="ApiScope.Any"/> to all.</summary>
    internal static RouteHandlerBuilder ForKeys(this RouteHandlerBuilder route, string scope) => route.WithMetadata(new OpenToKeysAttribute(scope)).ProducesProblem(401).ProducesProblem(403);
}
