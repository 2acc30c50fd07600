using Holdfast.Configuration;
using Holdfast.Features.Devices;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Features.Unusual;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.Audit;

/// <summary>One line of a person's activity, in words.</summary>
/// <param name="Seen">The device in its parts.</param>
/// <param name="Tone">ok, warn, danger, accent or empty.</param>
/// <param name="Icon">Name of the glyph in the sprite.</param>
/// <param name="Place">In words.</param>
public sealed record ActivityItem(string Id, DateTimeOffset At, string Kind, string What, string Device, string Place, string Address, string? With, string Tone, string Icon, bool ThisSession, Place Where, Device Seen);

/// <param name="Next">Cursor of the page after; null on the last.</param>
public sealed record ActivityPage(IReadOnlyList<ActivityItem> Items, string? Next);

/// <summary>A person's own security events, newest first.</summary>
public sealed class ListActivity(Db db, FindPlace places, TimeProvider clock, ProductSettings product)
{
    public const int PageSize = 50;

    /// <summary>Rows of one CSV file at most.</summary>
    public const int LargestFile = 10_000;

    /// <summary>Groups of kinds that the page offers as a filter.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Groups = new Dictionary<string, IReadOnlyList<string>>
    {
        ["sign-ins"] = AuditKind.SignIns, ["password"] = AuditKind.Factors, ["two-factor"] = [.. AuditKind.TwoFactor, .. AuditKind.Resets], ["sessions"] = AuditKind.Sessions, ["account"] = AuditKind.Accounts, ["applications"] = AuditKind.Applications, ["unusual"] = AuditKind.Unusual, ["workspaces"] = [.. AuditKind.Workspaces, .. AuditKind.Log],
    };

    /// <param name="group">One of <see cref="Groups"/>; anything else means all.</param>
    /// <param name="days">1 to 366.</param>
    /// <param name="before">Cursor from the page before; anything that is no id counts as none.</param>
    public async Task<ActivityPage> Run(SignedIn me, string? group, int days, string? before, Text text, int limit = PageSize)
    {
        var kinds = group is not null && Groups.TryGetValue(group, out var some) ? some : [];
        var rows = await db.Read(tx => AuditTable.OfAccount(tx, me.Account.Id, kinds, clock.GetUtcNow().AddDays(-Math.Clamp(days, 1, 366)), Ids.IsWellFormed(before) ? before : null, limit + 1));
        return new ActivityPage([.. rows.Take(limit).Select(row => Describe(row, me.Session.Id, text))], rows.Count > limit ? rows[limit - 1].Id : null);
    }

    /// <summary>What happened to a member: in this workspace, and, with <paramref name="wholeAccountSince"/>, to the account. Never in another workspace.</summary>
    /// <returns>Without network addresses: the approximate place is enough to help somebody.</returns>
    public async Task<ActivityPage> OfMember(string accountId, string workspaceId, DateTimeOffset? wholeAccountSince, string? before, Text text, int limit)
    {
        var rows = await db.Read(tx => AuditTable.OfMember(tx, accountId, workspaceId, wholeAccountSince, Ids.IsWellFormed(before) ? before : null, limit + 1));
        return new ActivityPage([.. rows.Take(limit).Select(row => Describe(row, "", text) with { Address = "" })], rows.Count > limit ? rows[limit - 1].Id : null);
    }

    public async Task<IReadOnlyList<ActivityItem>> OfSession(SignedIn me, string sessionId, Text text) =>
        [.. (await db.Read(tx => AuditTable.OfSession(tx, me.Account.Id, sessionId, 20))).Select(row => Describe(row, me.Session.Id, text))];

    private ActivityItem Describe(AuditRow row, string thisSession, Text text)
    {
        var (facts, personal) = (row.Facts, row.Personal);
        var device = DeviceOf(personal, "browser", "hints");
        var address = personal.GetValueOrDefault("address", "");
        var count = facts.TryGetValue("count", out var number) || facts.TryGetValue("signedOut", out number) ? long.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : -1;
        var key = row.Kind == AuditKind.SignInFailed && facts.GetValueOrDefault("method") == ProofMethod.Passkey ? "activity.sign_in.failed.passkey" : $"activity.{row.Kind}";
        var what = AuditKind.Workspaces.Contains(row.Kind, StringComparer.Ordinal) ? InWorkspace(key, facts, personal, count, text)
            : AuditKind.Resets.Contains(row.Kind, StringComparer.Ordinal) ? text[key, facts.GetValueOrDefault("case", "…"), personal.GetValueOrDefault("by", "…"), personal.GetValueOrDefault("workspace", "…")]
            : AuditKind.Deletions.Contains(row.Kind, StringComparer.Ordinal) ? text[key, facts.GetValueOrDefault("case", "…"), facts.GetValueOrDefault("days", "…"), personal.GetValueOrDefault("by", "…")]
            : row.Kind == AuditKind.SessionEnded ? text[key, DeviceOf(personal, "endedBrowser", "endedHints").Name(text, product.Name)]
            : row.Kind is AuditKind.AppAdded or AuditKind.AppReplaced or AuditKind.AppRenamed or AuditKind.AppRemoved || row.Kind.StartsWith("passkey.", StringComparison.Ordinal) ? text[key, personal.GetValueOrDefault("app", "…")]
            : row.Kind is AuditKind.EmailChangeAsked or AuditKind.EmailChangeWithdrawn or AuditKind.EmailChanged or AuditKind.EmailPutBack ? text[key, personal.GetValueOrDefault("email", "…")]
            : row.Kind == AuditKind.LogExported ? text[key, personal.GetValueOrDefault("workspace", product.Name)]
            : AuditKind.Applications.Contains(row.Kind, StringComparer.Ordinal) ? text[key, personal.GetValueOrDefault("app", "…")]
            : row.Kind is AuditKind.UnusualFound or AuditKind.UnusualClosed or AuditKind.UnusualReviewed ? text[key, facts.TryGetValue("unusual", out var unusual) ? UnusualWords.Short(unusual, text) : "…", personal.GetValueOrDefault("workspace", "…"), personal.GetValueOrDefault("by", "…")]
            : count >= 0 && text.Has(key + ".one") ? text.Count(key, count)
            : text[key];
        var (tone, icon) = Look(row.Kind);
        // What somebody else did was done with their device, at their place: neither is this person's to see.
        if (row.ActorId.Length > 0 && row.ActorId != row.AccountId) return new ActivityItem(row.Id, row.At, row.Kind, what, "", "", "", null, tone, icon, false, Place.Unknown, Device.Unknown);
        var where = places.Of(address, text);
        return new ActivityItem(row.Id, row.At, row.Kind, what, device.Name(text, product.Name), where.Say(text), address,
            facts.TryGetValue("method", out var method) ? Methods.Say(method, text) : null, tone, icon, row.SessionId == thisSession && thisSession.Length > 0, where, device);
    }

    /// <summary>Events about a workspace tell of names: {0} the workspace, {1} who did it, {2} a role, {3} another name, {4} a number.</summary>
    private static string InWorkspace(string key, IReadOnlyDictionary<string, string> facts, IReadOnlyDictionary<string, string> personal, long count, Text text)
    {
        var role = facts.TryGetValue("role", out var name) && text.Has($"role.{name}") ? text[$"role.{name}"] : personal.GetValueOrDefault("role", "…");
        return text[key, personal.GetValueOrDefault("workspace", "…"), personal.GetValueOrDefault("by", "…"), role, personal.GetValueOrDefault("name", "…"), count];
    }

    private static Device DeviceOf(IReadOnlyDictionary<string, string> personal, string browser, string hints) =>
        Device.Recognise(personal.GetValueOrDefault(browser, ""), ClientHints.Read(personal.GetValueOrDefault(hints, "")));

    private static (string Tone, string Icon) Look(string kind) => kind switch
    {
        AuditKind.SignedIn => ("ok", "check"),
        AuditKind.SignInFailed or AuditKind.PasswordChangeFailed or AuditKind.StepUpFailed => ("warn", "bang"),
        AuditKind.PasswordBlocked => ("danger", "warning"),
        AuditKind.SecondStepAsked => ("", "phone"),
        AuditKind.SecondStepFailed or AuditKind.TwoFactorOffFailed => ("warn", "bang"),
        AuditKind.TwoFactorOn or AuditKind.AppReplaced => ("ok", "shield-check"),
        AuditKind.TwoFactorOff or AuditKind.TwoFactorReset => ("warn", "unlock"),
        AuditKind.ResetRequested or AuditKind.ResetApproved => ("warn", "lifering"),
        AuditKind.ResetStopped => ("danger", "lifering"),
        AuditKind.ResetDeclined or AuditKind.ResetReminded or AuditKind.ResetWithdrawn or AuditKind.ResetLapsed => ("", "lifering"),
        AuditKind.AppBegun => ("", "qr"),
        AuditKind.AppAdded or AuditKind.AppRenamed => ("accent", "phone"),
        AuditKind.AppRemoved => ("warn", "phone"),
        AuditKind.PasskeyAdded or AuditKind.PasskeyRenamed or AuditKind.PasskeyConfirmed => ("accent", "passkey"),
        AuditKind.PasskeyRemoved => ("warn", "passkey"),
        AuditKind.PasskeyCopied => ("danger", "passkey"),
        AuditKind.RecoveryCodeUsed => ("warn", "lifering"),
        AuditKind.RecoveryCodesMade or AuditKind.RecoveryCodesSaved or AuditKind.NewDevicePutOff => ("", "lifering"),
        AuditKind.BrowserRemembered or AuditKind.BrowserForgotten => ("", "browser"),
        AuditKind.PasswordChanged or AuditKind.PasswordReset => ("accent", "key"),
        AuditKind.RecoveryAsked or AuditKind.RecoveryStarted or AuditKind.ResetLinkMade or AuditKind.EmailChangeAsked or AuditKind.EmailChangeWithdrawn => ("", "mail"),
        AuditKind.EmailChanged => ("accent", "mail"),
        AuditKind.EmailPutBack => ("danger", "mail"),
        AuditKind.StepUp => ("", "shield-check"),
        AuditKind.SignedOut or AuditKind.SessionEnded or AuditKind.SomeSessionsEnded or AuditKind.OtherSessionsEnded or AuditKind.AllSessionsEnded => ("", "log-out"),
        AuditKind.OperatorAdded or AuditKind.OperatorRemoved => ("accent", "shield"),
        AuditKind.DeletionAsked or AuditKind.DeletionBegun or AuditKind.DeletionDone => ("danger", "trash"),
        AuditKind.DeletionReminded => ("warn", "bell"),
        AuditKind.DeletionKept => ("ok", "refresh"),
        AuditKind.DeletionStepRetried or AuditKind.DeletionStepClosed => ("", "plug"),
        AuditKind.ExportAsked or AuditKind.ExportStopped => ("", "package"),
        AuditKind.ExportFetched => ("accent", "download"),
        AuditKind.AccountSuspended or AuditKind.MemberSuspended or AuditKind.MemberRemoved => ("danger", "ban"),
        AuditKind.AccountReactivated or AuditKind.MemberReactivated => ("ok", "unlock"),
        AuditKind.MemberSignedOut => ("warn", "log-out"),
        AuditKind.WorkspaceClosed or AuditKind.WorkspaceDeleted => ("danger", "workspace"),
        AuditKind.WorkspaceReopened => ("ok", "workspace"),
        AuditKind.WorkspaceTwoFactorOn => ("ok", "shield-check"),
        AuditKind.WorkspaceTwoFactorOff => ("warn", "shield"),
        AuditKind.OwnershipGiven or AuditKind.OwnershipReceived or AuditKind.MemberRoleChanged or AuditKind.RoleChanged => ("accent", "users"),
        AuditKind.RoleMade or AuditKind.RoleDeleted or AuditKind.MemberRenamed => ("", "users"),
        AuditKind.InvitationSent or AuditKind.InvitationWithdrawn => ("", "mail"),
        AuditKind.InvitationAccepted => ("ok", "workspace"),
        AuditKind.WorkspaceRenamed or AuditKind.MemberLeft => ("", "workspace"),
        AuditKind.UnusualFound => ("danger", "warning"),
        AuditKind.UnusualClosed or AuditKind.UnusualReviewed => ("", "check"),
        AuditKind.SecureBegun or AuditKind.SecureDone => ("ok", "shield-check"),
        AuditKind.ApplicationReuse => ("danger", "warning"),
        AuditKind.ApplicationAllowed => ("accent", "plug"),
        AuditKind.ApplicationRevoked or AuditKind.MemberApplicationRevoked => ("warn", "plug"),
        AuditKind.ApplicationOpened or AuditKind.ClientMade or AuditKind.ClientChanged or AuditKind.ClientSecretMade or AuditKind.ClientDisabled or AuditKind.ClientEnabled or AuditKind.ClientDeleted => ("", "app"),
        AuditKind.ApiKeyMade => ("accent", "key"),
        AuditKind.ApiKeyRevoked => ("warn", "key"),
        AuditKind.LogPruned or AuditKind.LogExported => ("", "download"),
        AuditKind.SigningKeyChanged => ("accent", "key"),
        _ => ("", "user"),
    };
}
