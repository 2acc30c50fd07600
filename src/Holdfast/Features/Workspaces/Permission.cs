namespace Holdfast.Features.Workspaces;

/// <summary>Permanent names of what a role may allow. A product may read them in <c>GET /api/v1/session</c>.</summary>
public static class Permission
{
    /// <summary>See the people of the workspace, and how safe their accounts are.</summary>
    public const string UsersView = "users.view";

    /// <summary>Invite people.</summary>
    public const string UsersInvite = "users.invite";

    /// <summary>Help people back in.</summary>
    public const string UsersRecover = "users.recover";

    /// <summary>Change people's names and roles here, suspend and remove them, sign them out.</summary>
    public const string UsersEdit = "users.edit";

    public const string ReportingView = "reporting.view";

    public const string ApiKeysManage = "apikeys.manage";

    /// <summary>Change the workspace's settings and its roles.</summary>
    public const string SettingsEdit = "settings.edit";

    /// <summary>For routes that every member may use: belonging is enough.</summary>
    public const string None = "";

    /// <summary>In the order in which pages show them.</summary>
    public static readonly IReadOnlyList<string> All = [UsersView, UsersInvite, UsersRecover, UsersEdit, ReportingView, ApiKeysManage, SettingsEdit];

    /// <summary>Power over others, or over what opens the workspace: whoever has one of these is asked for two-factor like an admin.</summary>
    public static readonly IReadOnlyList<string> Acting = [UsersInvite, UsersRecover, UsersEdit, ApiKeysManage, SettingsEdit];
}
