using System.Security.Cryptography;
using System.Text.Json;
using Holdfast.Features.Reporting;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Audit;

/// <summary>Permanent names of security events.</summary>
public static class AuditKind
{
    public const string AccountCreated = "account.created";
    public const string ProfileChanged = "account.profile_changed";
    public const string EmailChangeAsked = "email.change_asked";
    public const string EmailChangeWithdrawn = "email.change_withdrawn";
    public const string EmailChanged = "email.changed";
    public const string EmailPutBack = "email.put_back";
    public const string OperatorAdded = "operator.added";
    public const string OperatorRemoved = "operator.removed";
    public const string SignedIn = "sign_in.succeeded";
    public const string SignInFailed = "sign_in.failed";
    public const string SignInThrottled = "sign_in.throttled";
    public const string SecondStepAsked = "sign_in.second_step_asked";
    public const string SecondStepFailed = "sign_in.second_step_failed";
    public const string SignedOut = "session.signed_out";
    public const string SessionEnded = "session.ended";
    public const string SomeSessionsEnded = "session.some_ended";
    public const string OtherSessionsEnded = "session.others_ended";
    public const string AllSessionsEnded = "session.all_ended";
    public const string PasswordChanged = "password.changed";
    public const string PasswordChangeFailed = "password.change_failed";
    public const string PasswordReset = "password.reset";
    public const string PasswordBlocked = "password.blocked";
    public const string RecoveryAsked = "password.recovery_asked";
    public const string RecoveryStarted = "password.recovery_started";
    public const string ResetLinkMade = "password.reset_link_made";
    public const string TwoFactorOn = "two_factor.turned_on";
    public const string TwoFactorOff = "two_factor.turned_off";
    public const string TwoFactorOffFailed = "two_factor.turn_off_failed";
    public const string TwoFactorReset = "two_factor.reset";
    public const string AppBegun = "two_factor.app_begun";
    public const string AppAdded = "two_factor.app_added";
    public const string AppReplaced = "two_factor.device_replaced";
    public const string AppRenamed = "two_factor.app_renamed";
    public const string AppRemoved = "two_factor.app_removed";
    public const string PasskeyAdded = "passkey.added";
    public const string PasskeyRenamed = "passkey.renamed";
    public const string PasskeyRemoved = "passkey.removed";
    public const string PasskeyConfirmed = "passkey.confirmed";
    public const string PasskeyCopied = "passkey.copied";
    public const string NewDevicePutOff = "two_factor.new_device_put_off";
    public const string RecoveryCodesMade = "recovery_codes.made";
    public const string RecoveryCodesSaved = "recovery_codes.saved";
    public const string RecoveryCodeUsed = "recovery_codes.used";
    public const string BrowserRemembered = "two_factor.browser_remembered";
    public const string BrowserForgotten = "two_factor.browser_forgotten";
    public const string ResetRequested = "reset_case.requested";
    public const string ResetApproved = "reset_case.approved";
    public const string ResetDeclined = "reset_case.declined";
    public const string ResetReminded = "reset_case.reminded";
    public const string ResetStopped = "reset_case.stopped";
    public const string ResetWithdrawn = "reset_case.withdrawn";
    public const string ResetLapsed = "reset_case.lapsed";
    public const string AccountSuspended = "account.suspended";
    public const string AccountReactivated = "account.reactivated";
    public const string WorkspaceRenamed = "workspace.renamed";
    public const string WorkspaceClosed = "workspace.closed";
    public const string WorkspaceReopened = "workspace.reopened";
    public const string WorkspaceDeleted = "workspace.deleted";
    public const string WorkspaceTwoFactorOn = "workspace.two_factor_on";
    public const string WorkspaceTwoFactorOff = "workspace.two_factor_off";
    public const string RoleMade = "role.made";
    public const string RoleChanged = "role.changed";
    public const string RoleDeleted = "role.deleted";
    public const string OwnershipGiven = "ownership.given";
    public const string OwnershipReceived = "ownership.received";
    public const string InvitationSent = "invitation.sent";
    public const string InvitationWithdrawn = "invitation.withdrawn";
    public const string InvitationAccepted = "invitation.accepted";
    public const string MemberLeft = "member.left";
    public const string MemberRenamed = "member.renamed";
    public const string MemberRoleChanged = "member.role_changed";
    public const string MemberSuspended = "member.suspended";
    public const string MemberReactivated = "member.reactivated";
    public const string MemberRemoved = "member.removed";
    public const string MemberSignedOut = "member.signed_out";
    public const string DeletionAsked = "deletion.asked";
    public const string DeletionReminded = "deletion.reminded";
    public const string DeletionKept = "deletion.kept";
    public const string DeletionBegun = "deletion.begun";
    public const string DeletionStepRetried = "deletion.step_retried";
    public const string DeletionStepClosed = "deletion.step_closed";
    public const string DeletionDone = "deletion.done";
    public const string ExportAsked = "export.asked";
    public const string ExportStopped = "export.stopped";
    public const string ExportFetched = "export.fetched";
    public const string ApplicationOpened = "application.opened";
    public const string ApplicationAllowed = "application.allowed";
    public const string ApplicationRevoked = "application.revoked";
    public const string ApplicationReuse = "application.reuse_found";
    public const string MemberApplicationRevoked = "member.application_revoked";
    public const string ClientMade = "client.made";
    public const string ClientChanged = "client.changed";
    public const string ClientSecretMade = "client.secret_made";
    public const string ClientDisabled = "client.disabled";
    public const string ClientEnabled = "client.enabled";
    public const string ClientDeleted = "client.deleted";
    public const string ApiKeyMade = "api_key.made";
    public const string ApiKeyRevoked = "api_key.revoked";
    public const string WebhookMade = "webhook.made";
    public const string WebhookChanged = "webhook.changed";
    public const string WebhookSecretMade = "webhook.secret_made";
    public const string WebhookPaused = "webhook.paused";
    public const string WebhookResumed = "webhook.resumed";
    public const string WebhookRemoved = "webhook.removed";
    public const string WebhookTested = "webhook.tested";
    public const string WebhookRedelivered = "webhook.redelivered";
    public const string LogPruned = "log.pruned";
    public const string LogExported = "log.exported";
    public const string SigningKeyChanged = "signing_key.changed";
    public const string UnusualFound = "unusual.found";
    public const string UnusualClosed = "unusual.closed";
    public const string UnusualReviewed = "unusual.reviewed";
    public const string SecureBegun = "secure.begun";
    public const string SecureDone = "secure.done";
    public const string StepUp = "step_up.succeeded";
    public const string StepUpFailed = "step_up.failed";

    public static readonly IReadOnlyList<string> SignIns = [SignedIn, SignInFailed, SignInThrottled, SecondStepAsked, SecondStepFailed, StepUp, StepUpFailed];
    public static readonly IReadOnlyList<string> Factors = [PasswordChanged, PasswordChangeFailed, PasswordReset, PasswordBlocked, RecoveryAsked, RecoveryStarted, ResetLinkMade];
    public static readonly IReadOnlyList<string> TwoFactor =
    [
        TwoFactorOn, TwoFactorOff, TwoFactorOffFailed, TwoFactorReset, AppBegun, AppAdded, AppReplaced, AppRenamed, AppRemoved, PasskeyAdded, PasskeyRenamed, PasskeyRemoved, PasskeyConfirmed, PasskeyCopied, NewDevicePutOff,
        RecoveryCodesMade, RecoveryCodesSaved, RecoveryCodeUsed, BrowserRemembered, BrowserForgotten,
    ];
    /// <summary>Steps of a case; its good end is <see cref="TwoFactorReset"/>.</summary>
    public static readonly IReadOnlyList<string> Resets = [ResetRequested, ResetApproved, ResetDeclined, ResetReminded, ResetStopped, ResetWithdrawn, ResetLapsed];
    public static readonly IReadOnlyList<string> Sessions = [SignedOut, SessionEnded, SomeSessionsEnded, OtherSessionsEnded, AllSessionsEnded];
    /// <summary>The end of an account, and what the person takes along.</summary>
    public static readonly IReadOnlyList<string> Deletions = [DeletionAsked, DeletionReminded, DeletionKept, DeletionBegun, DeletionStepRetried, DeletionStepClosed, DeletionDone, ExportAsked, ExportStopped, ExportFetched];
    public static readonly IReadOnlyList<string> Accounts = [AccountCreated, ProfileChanged, EmailChangeAsked, EmailChangeWithdrawn, EmailChanged, EmailPutBack, AccountSuspended, AccountReactivated, OperatorAdded, OperatorRemoved, .. Deletions];
    /// <summary>What looked wrong, and what was done about it.</summary>
    public static readonly IReadOnlyList<string> Unusual = [UnusualFound, UnusualClosed, UnusualReviewed, SecureBegun, SecureDone];
    /// <summary>What a person let applications do, and what operators did with applications.</summary>
    public static readonly IReadOnlyList<string> Applications =
    [
        ApplicationOpened, ApplicationAllowed, ApplicationRevoked, ApplicationReuse, ClientMade, ClientChanged, ClientSecretMade, ClientDisabled, ClientEnabled, ClientDeleted, SigningKeyChanged,
        WebhookMade, WebhookChanged, WebhookSecretMade, WebhookPaused, WebhookResumed, WebhookRemoved, WebhookTested, WebhookRedelivered,
    ];
    public static readonly IReadOnlyList<string> Workspaces =
    [
        WorkspaceRenamed, WorkspaceClosed, WorkspaceReopened, WorkspaceDeleted, WorkspaceTwoFactorOn, WorkspaceTwoFactorOff, RoleMade, RoleChanged, RoleDeleted, OwnershipGiven, OwnershipReceived, InvitationSent, InvitationWithdrawn, InvitationAccepted,
        MemberLeft, MemberRenamed, MemberRoleChanged, MemberSuspended, MemberReactivated, MemberRemoved, MemberSignedOut, MemberApplicationRevoked, ApiKeyMade, ApiKeyRevoked,
    ];
    /// <summary>What happened to the log itself.</summary>
    public static readonly IReadOnlyList<string> Log = [LogPruned, LogExported];
}

/// <summary>Something that happened and matters for security.</summary>
/// <param name="Kind">One of <see cref="AuditKind"/>.</param>
/// <param name="AccountId">Whom it is about; empty when nobody known.</param>
/// <param name="Client">Network address and browser: personal, kept apart from the entry.</param>
public sealed record AuditEvent(string Kind, string AccountId, Client Client)
{
    /// <summary>Who did it; the person themselves unless said otherwise. Empty for the server.</summary>
    public string? ActorId { get; init; }

    public string SessionId { get; init; } = "";

    public string WorkspaceId { get; init; } = "";

    /// <summary>Facts that name nobody: counts, methods, codes.</summary>
    public IReadOnlyDictionary<string, string> Data { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Facts about a person that the entry needs besides address and browser.</summary>
    public IReadOnlyDictionary<string, string> Personal { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>The security log: written in the transaction of the change it tells of, never altered, chained a moment later (<see cref="SealAudit"/>), and counted in the reports of workspaces (<see cref="CountForReports"/>).</summary>
public static class AuditLog
{
    /// <summary>Endpoints that want to hear of it (<see cref="Webhooks.EventTypes"/>) are told after the commit.</summary>
    public static Task Record(WriteTx tx, DateTimeOffset now, AuditEvent what) => RecordWithId(tx, now, what);

    /// <returns>Id of the entry.</returns>
    public static async Task<string> RecordWithId(WriteTx tx, DateTimeOffset now, AuditEvent what)
    {
        var details = new Dictionary<string, string>(what.Personal, StringComparer.Ordinal) { ["address"] = what.Client.Address, ["browser"] = what.Client.UserAgent };
        if (what.Client.Hints.Length > 0) details["hints"] = what.Client.Hints;
        var personal = JsonSerializer.SerializeToUtf8Bytes(details, WebJson.Default.DictionaryStringString);
        var salt = RandomNumberGenerator.GetBytes(32);
        var id = Ids.New(now);
        await AuditTable.Insert(tx, id, now, what, JsonSerializer.Serialize(new Dictionary<string, string>(what.Data, StringComparer.Ordinal), WebJson.Default.DictionaryStringString), Commit(salt, personal), salt, System.Text.Encoding.UTF8.GetString(personal));
        await CountForReports.Run(tx, id, now, what);
        return id;
    }

    /// <summary>SHA-256 over salt and details: binds the entry to them without telling what they are.</summary>
    internal static byte[] Commit(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> details) => SHA256.HashData([.. salt, .. details]);
}
