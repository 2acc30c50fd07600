using System.Reflection;
using System.Resources;
using System.Text.RegularExpressions;
using Holdfast.Features.Audit;
using Holdfast.Features.Devices;
using Holdfast.Features.Links;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.Recovery;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Holdfast.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests;

/// <summary>Rules about the code itself that no compiler knows. An exception is a line here, with its reason.</summary>
public sealed partial class FeatureRules
{
    private static readonly string Root = Repository.Root;

    private static readonly IReadOnlyList<(string Path, string Text)> Sources =
        [.. Files("src/Holdfast", ".cs", ".cshtml").Select(path => (path, File.ReadAllText(Path.Combine(Root, path))))];

    /// <summary>Who may use a table class besides its own folder, and why.</summary>
    private static readonly Dictionary<string, string[]> Guests = new(StringComparer.Ordinal)
    {
        // The person that a flow is about is read at its start.
        ["AccountTable"] = ["Features/EmailChange", "Features/Invitations", "Features/SignUp", "Features/NotMe", "Features/Recovery", "Features/ResetCases", "Features/Sessions", "Features/SignIn", "Features/Setup", "Features/TwoFactor", "Features/Users", "Features/Workspaces", "Features/Passkeys", "Cli", "Features/Deletion", "Features/Erasure", "Features/Export", "Features/OAuth/Grants", "Features/Secure", "Features/ApiKeys", "Features/Webhooks", "Features/Operator"],
        // What a changed or stopped password means is one transaction (rule 3), and only a password proves at sign-in and step-up.
        ["PasswordTable"] = ["Features/Accounts", "Features/NotMe", "Features/Recovery", "Features/Security", "Features/SignIn", "Features/StepUp", "Features/TwoFactor", "Features/Passkeys"],
        // Flows that end sessions do so in their own transaction.
        ["SessionTable"] = ["Features/Accounts", "Features/Invitations", "Features/StepUp", "Features/Workspaces", "Features/NotMe", "Features/Operator", "Features/Passwords", "Features/Recovery", "Features/ResetCases", "Features/SignIn", "Features/TwoFactor", "Features/Users", "Features/Passkeys", "Hosting", "Cli", "Features/Deletion", "Features/Erasure", "Features/Export", "Features/OAuth/Authorize", "Features/OAuth/Grants", "Features/OAuth/Tokens"],
        // Letters make links, their pages use them up, a changed password kills them.
        ["LinkTable"] = ["Features/EmailChange", "Features/NotMe", "Features/Passwords", "Features/Recovery", "Features/ResetCases", "Hosting", "Features/Deletion"],
        // Names and roles belong to what a request knows, and to the words a password may not lean on.
        ["WorkspaceTable"] = ["Features/Accounts", "Features/Invitations", "Features/Recovery", "Features/Sessions", "Features/Setup", "Features/Users", "Cli", "Features/Deletion", "Features/Erasure", "Features/ApiKeys"],
        // The people of a workspace are one thing with it; their section lists them and acts on them.
        ["MemberTable"] = ["Features/Invitations", "Features/OAuth/Grants", "Features/ResetCases", "Features/Users", "Features/Erasure", "Features/Secure", "Features/Unusual", "Features/ApiKeys", "Features/Deletion", "Features/Reporting"],
        ["RoleTable"] = ["Features/Invitations", "Features/Users", "Features/Reporting"],
        // Known browsers are counted apart wherever a password is guessed at, and forgotten after "This wasn't me".
        ["KnownBrowserTable"] = ["Features/NotMe", "Features/StepUp", "Features/TwoFactor", "Features/Passkeys"],
        ["KnownCountryTable"] = ["Features/NotMe"],
        // A sign-in asks what a person can prove with, every session knows it, a changed password changes what is asked of it, and a step-up wants the strongest.
        ["TwoFactorTable"] = ["Features/EmailChange", "Features/NotMe", "Features/Recovery", "Features/ResetCases", "Features/Security", "Features/Sessions", "Features/SignIn", "Features/StepUp", "Features/Users", "Features/Workspaces", "Features/Passkeys", "Cli", "Features/Erasure", "Features/Secure", "Features/ApiKeys"],
        // A wish for another address ends with any change of password or factors, and an address that may be put back is nobody else's; tidying.
        ["EmailChangeTable"] = ["Features/Accounts", "Features/SignUp", "Features/TwoFactor", "Hosting", "Features/Deletion", "Features/Erasure"],
        // Tidying.
        ["InvitationTable"] = ["Hosting"],
        ["SignUpTable"] = ["Hosting", "Features/Erasure"],
        // One of the factors; none signs in alone after "This wasn't me".
        ["PasskeyTable"] = ["Features/TwoFactor", "Features/NotMe", "Cli"],
        // Tidying.
        ["UsedChallengeTable"] = ["Hosting", "Web"],
        // A set-up under way ends with the first factor that is confirmed, and with "This wasn't me"; tidying and the operator's doctor.
        ["TotpTable"] = ["Features/NotMe", "Features/Passkeys", "Hosting", "Cli"],
        ["RecoveryCodeTable"] = ["Cli"],
        // Tidying; a changed password or factor ends what is half done.
        ["PendingSignInTable"] = ["Features/TwoFactor", "Hosting"],
        ["TrustedBrowserTable"] = ["Features/Sessions", "Features/Users", "Hosting"],
        // Tidying, measuring and the operator's doctor.
        ["ThrottleTable"] = ["Features/SignUp", "Features/OAuth/Clients", "Hosting"],
        ["QuietRequestTable"] = ["Hosting"],
        ["OutboxTable"] = ["Features/Operator", "Hosting", "Cli"],
        // Whoever removes all factors has the case about them looked at, and every session knows of it.
        ["ResetCaseTable"] = ["Features/TwoFactor", "Features/Erasure"],
        // What is told to other systems belongs to one deletion; operators look at both.
        ["DeletionTable"] = ["Features/Erasure"],
        ["ErasureStepTable"] = ["Hosting"],
        ["ErasedRowsTable"] = ["Hosting"],
        // Tidying.
        ["ExportTable"] = ["Hosting"],
        ["ExportedRowsTable"] = [],
        // What an application may do hangs on a grant, and ends with it, with the application and with the session; tidying.
        ["GrantTable"] = ["Features/OAuth/Authorize", "Features/OAuth/Clients", "Features/OAuth/Tokens", "Hosting", "Features/Erasure"],
        ["CodeTable"] = ["Features/OAuth/Tokens", "Hosting"],
        ["TokenTable"] = ["Features/OAuth/Clients", "Features/OAuth/Grants", "Hosting"],
        ["LogoutTable"] = ["Features/OAuth/Tokens", "Hosting"],
        ["ClientTable"] = ["Cli"],
        // An event is written down for those who want to hear of it together with its entry in the log; tidying, measuring, the start, and the operator's doctor.
        ["DeliveryTable"] = ["Features/Audit", "Hosting", "Cli"],
        ["WebhookTable"] = ["Hosting", "Cli"],
        ["SigningKeyTable"] = ["Cli"],
        // An account is secured by more than one way, and what looked wrong is dealt with then; tidying.
        ["SecureTable"] = ["Features/NotMe", "Features/Passwords", "Features/Recovery", "Hosting"],
        ["UnusualTable"] = ["Features/NotMe", "Features/Secure", "Hosting"],
        // Tidying.
        ["ReportTable"] = ["Hosting"],
        ["SetupTable"] = [],
        ["MailboxTable"] = [],
        // A program acts in the name of its maker, as long as nobody revoked its key; tidying and the operator's doctor.
        ["ApiKeyTable"] = ["Hosting", "Cli"],
        ["AuditTable"] = ["Features/Unusual"],
        // Verifying it and writing it out, and the operator's doctor.
        ["AuditChainTable"] = ["Cli"],
    };

    /// <summary>The example fills tables by hand: it tells weeks that never happened.</summary>
    private const string Example = "Features/Demo";

    /// <summary>Endpoints that strangers may use. Everything else asks for a session.</summary>
    private static readonly string[] OpenToAll =
    [
        ".well-known/change-password", ".well-known/oauth-authorization-server", ".well-known/openid-configuration", ".well-known/passkey-endpoints", ".well-known/{**rest}", "/", "account/export", "account/policy", "api/v1/account/deletion/keep-by-link", "api/v1/account/email-change/undo", "api/v1/invitations/accept", "api/v1/not-me", "api/v1/password-recovery/", "api/v1/password-recovery/reset", "api/v1/password/strength", "api/v1/policy", "api/v1/reset-cases/stop", "api/v1/setup", "api/v1/sign-in", "api/v1/sign-in/passkey", "api/v1/sign-in/passkey/options", "api/v1/sign-in/verify", "api/v1/sign-in/verify/passkey-options", "api/v1/sign-up/", "api/v1/sign-up/again", "api/v1/sign-up/confirm", "brand.css", "confirm-email",
        "dev/mail", "dev/mail/{id}", "forgot-password", "forward-auth", "health/live", "health/ready", "invitation", "keep-account", "not-me", "oauth/authorize", "oauth/introspect", "oauth/jwks", "oauth/logout", "oauth/revoke", "oauth/token", "oauth/userinfo", "openapi/{documentName}.json", "problem", "receipts/{address}", "recover-password", "reset-password", "setup", "sign-in", "sign-in/verify", "sign-out", "sign-up", "stop-reset", "undo-email",
    ];

    /// <summary>What is open to a person who has to set up two-factor first. Everything else is closed to them, or takes them for a stranger.</summary>
    private static readonly string[] OpenWhileEnrolling =
    [
        "account/policy", "oauth/logout/confirm", "account/two-factor", "account/two-factor/codes", "account/two-factor/enrol", "account/two-factor/passkey", "api/v1/me/passkeys/", "api/v1/me/passkeys/options", "api/v1/me/passkeys/{id}", "api/v1/me/passkeys/{id}/confirm", "api/v1/session", "api/v1/session/stream", "api/v1/sign-out", "api/v1/step-up", "api/v1/step-up/passkey-options", "api/v1/two-factor/", "api/v1/two-factor/apps",
        "api/v1/two-factor/apps/{id}", "api/v1/two-factor/apps/{id}/confirm", "api/v1/two-factor/new-device/later", "api/v1/two-factor/recovery-codes", "api/v1/two-factor/recovery-codes/saved",
        "api/v1/two-factor/remembered-browsers", "api/v1/two-factor/remembered-browsers/{id}", "api/v1/two-factor/turn-off", "api/v1/two-factor/turn-off/passkey-options", "problem", "receipts/{address}", "sign-in", "sign-in/verify", "sign-out", "step-up", "oauth/authorize", "oauth/logout",
    ];

    /// <summary>What is open to a person whose account waits to be deleted. Everything else is closed to them, or takes them for a stranger.</summary>
    private static readonly string[] OpenWhileClosing =
    [
        "account/closing", "account/delete/now", "account/export", "account/policy", "api/v1/account/deletion/", "api/v1/account/deletion/keep", "api/v1/account/deletion/now", "api/v1/account/export/", "api/v1/account/export/fetch",
        "api/v1/sign-out", "api/v1/step-up", "api/v1/step-up/passkey-options", "problem", "receipts/{address}", "sign-in", "sign-out", "step-up",
    ];

    [Fact]
    public void A_table_is_used_from_its_own_folder_and_by_guests_named_here()
    {
        var tables = Sources.SelectMany(s => TableClass().Matches(s.Text).Select(m => (Name: m.Groups["name"].Value, Home: Folder(s.Path)))).ToList();
        Assert.True(tables.Count >= 10);
        var wrong = from table in tables
                    from source in Sources
                    let folder = Folder(source.Path)
                    where folder != table.Home && folder != Example && !Guests.GetValueOrDefault(table.Name, []).Contains(folder) && Regex.IsMatch(source.Text, $@"\b{table.Name}\b", RegexOptions.None, TimeSpan.FromSeconds(5))
                    select $"{source.Path} uses {table.Name}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void SQL_stands_in_table_classes()
    {
        // Bookkeeping of the schema and of the installation itself has no table class.
        string[] exceptions = ["Storage/Engine.cs", "Storage/Migrate.cs", "Hosting/OpenKeys.cs", "Web/Health.cs", "Cli/CheckDatabase.cs", "Cli/OpenDatabase.cs"];
        Assert.Empty(Sources.Where(s => Statement().IsMatch(s.Text) && !TableClass().IsMatch(s.Text) && !exceptions.Contains(Inner(s.Path)) && Folder(s.Path) != Example).Select(s => s.Path));
    }

    [Fact]
    public void Only_the_engine_knows_the_databases_apart()
    {
        Assert.Empty(Sources.Where(s => Inner(s.Path) != "Storage/Engine.cs" && Driver().IsMatch(s.Text)).Select(s => s.Path));
        // Opening it, telling faults from outages, and the command line.
        string[] users = ["Hosting/HoldfastHost.cs", "Hosting/Background.cs", "Web/Problems.cs", "Cli/MigrateCommand.cs", "Cli/CheckDatabase.cs", "Cli/ServeCommand.cs", "Cli/OpenDatabase.cs"];
        Assert.Empty(Sources.Where(s => Folder(s.Path) != "Storage" && !users.Contains(Inner(s.Path)) && EngineWord().IsMatch(s.Text)).Select(s => s.Path));
        Assert.Empty(Sources.Where(s => Folder(s.Path) != "Storage" && EngineInside().IsMatch(s.Text)).Select(s => s.Path));
    }

    [Theory]
    [InlineData(typeof(Session))]
    [InlineData(typeof(SignedIn))]
    [InlineData(typeof(Link))]
    [InlineData(typeof(Device))]
    [InlineData(typeof(ClientHints))]
    [InlineData(typeof(PendingSignIn))]
    [InlineData(typeof(Factors))]
    [InlineData(typeof(Holdfast.Features.EmailChange.EmailChange))]
    [InlineData(typeof(Holdfast.Features.SignUp.SignUp))]
    [InlineData(typeof(TwoFactorRule))]
    [InlineData(typeof(Totp))]
    [InlineData(typeof(RecoveryCode))]
    [InlineData(typeof(Passkey))]
    [InlineData(typeof(RelyingParty))]
    [InlineData(typeof(PasskeyTicket))]
    [InlineData(typeof(PasswordRules))]
    [InlineData(typeof(RecoveryPace))]
    [InlineData(typeof(Holdfast.Features.Accounts.Account))]
    [InlineData(typeof(Membership))]
    [InlineData(typeof(Holdfast.Features.Invitations.Invitation))]
    [InlineData(typeof(Holdfast.Features.Invitations.ReadInvitations))]
    [InlineData(typeof(Role))]
    [InlineData(typeof(MemberWords))]
    [InlineData(typeof(UserSearch))]
    [InlineData(typeof(ResetCase))]
    [InlineData(typeof(Holdfast.Features.OAuth.OAuthClient))]
    [InlineData(typeof(Holdfast.Features.OAuth.ClientForm))]
    [InlineData(typeof(Holdfast.Features.OAuth.RedirectAddress))]
    [InlineData(typeof(Holdfast.Features.OAuth.AuthorizeRequest))]
    [InlineData(typeof(Holdfast.Features.OAuth.DecideAuthorize))]
    [InlineData(typeof(Holdfast.Features.OAuth.ProofMark))]
    [InlineData(typeof(Holdfast.Features.OAuth.Grant))]
    [InlineData(typeof(Holdfast.Features.OAuth.Acr))]
    [InlineData(typeof(Holdfast.Features.OAuth.IdToken))]
    [InlineData(typeof(CaseTimeline))]
    [InlineData(typeof(Holdfast.Features.Deletion.DeletionCase))]
    [InlineData(typeof(Holdfast.Features.Erasure.ErasureStep))]
    [InlineData(typeof(Holdfast.Features.Erasure.Receipt))]
    [InlineData(typeof(Holdfast.Features.Export.DataExport))]
    [InlineData(typeof(Holdfast.Features.ApiKeys.ApiKey))]
    [InlineData(typeof(Holdfast.Features.ApiKeys.ApiScope))]
    [InlineData(typeof(Holdfast.Features.Webhooks.WebhookEndpoint))]
    [InlineData(typeof(Holdfast.Features.Webhooks.EndpointForm))]
    [InlineData(typeof(Holdfast.Features.Webhooks.OpenNetworks))]
    [InlineData(typeof(Holdfast.Features.Webhooks.EventMessage))]
    [InlineData(typeof(ChainedEntry))]
    [InlineData(typeof(ChainHead))]
    [InlineData(typeof(Holdfast.Features.Secure.SecureRun))]
    [InlineData(typeof(Holdfast.Features.Reporting.CountedEvents))]
    [InlineData(typeof(Holdfast.Features.Reporting.ReportDays))]
    [InlineData(typeof(Holdfast.Features.Reporting.ReportFigures))]
    [InlineData(typeof(Holdfast.Features.Reporting.BarChart))]
    [InlineData(typeof(Holdfast.Features.Unusual.GuessedRule))]
    [InlineData(typeof(Holdfast.Features.Unusual.NewCountryRule))]
    [InlineData(typeof(Holdfast.Features.Unusual.TooFarRule))]
    [InlineData(typeof(Holdfast.Features.Unusual.UnusualEvent))]
    public void Rule_objects_do_no_IO_and_are_told_the_time(Type rules)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var touched = rules.GetMethods(All).SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType))
            .Concat(rules.GetConstructors(All).SelectMany(c => c.GetParameters().Select(p => p.ParameterType)))
            .Concat(rules.GetFields(All).Select(f => f.FieldType)).ToList();
        Assert.DoesNotContain(touched, type => type == typeof(Db) || type.IsAssignableTo(typeof(ReadTx)) || type.IsAssignableTo(typeof(TimeProvider)) || type.IsAssignableTo(typeof(Task)) || type.IsAssignableTo(typeof(Stream)) || type.IsAssignableTo(typeof(IServiceProvider)));
    }

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold()
    {
        var long_ = Files("src", ".cs", ".cshtml", ".js", ".css").Concat(Files("tests", ".cs")).Select(path => (path, Lines: File.ReadLines(Path.Combine(Root, path)).Count())).Where(file => file.Lines > 420);
        Assert.Empty(long_);
    }

    [Fact]
    public void Only_TimeProvider_tells_the_time_and_only_the_generator_of_secrets_chooses()
    {
        var banned = new Regex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bnew Ran" + @"dom\(|\bRan" + @"dom\.Shared\b|\bGuid\.New" + @"Guid\b|\bThread\.Sle" + @"ep\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        var all = Sources.Concat(Files("src/Holdfast.Client", ".cs").Concat(Files("tests", ".cs")).Select(path => (Path: path, Text: File.ReadAllText(Path.Combine(Root, path)))));
        Assert.Empty(all.Where(s => banned.IsMatch(s.Text)).Select(s => s.Path));
    }

    [Fact]
    public void Every_text_that_is_asked_for_exists()
    {
        var missing = new List<string>();
        foreach (var (path, text) in Sources)
        {
            missing.AddRange(TextKey().Matches(text).Select(m => m.Groups["key"].Value).Where(key => !Exists(key)).Select(key => $"{path}: {key}"));
            missing.AddRange(CountKey().Matches(text).Select(m => m.Groups["key"].Value).SelectMany(key => new[] { key + ".one", key + ".other" }).Where(key => !Exists(key)).Select(key => $"{path}: {key}"));
            foreach (var flash in FlashCall().Matches(text).Select(m => m.Value)) missing.AddRange(Quoted().Matches(flash).Select(m => $"flash.{m.Groups["key"].Value}").Where(key => !Exists(key)).Select(key => $"{path}: {key}"));
        }
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_name_that_is_looked_up_at_run_time_has_its_text()
    {
        var keys = Constants(typeof(EndReason)).Select(reason => $"end_reason.{reason}")
            .Concat(Constants(typeof(EndReason)).Where(reason => reason != EndReason.SignedOut).Select(reason => $"sign_in.ended.{reason}"))
            .Concat(Constants(typeof(ProofMethod)).Select(method => $"method.{method}"))
            .Concat(new[] { "end_session", "end_those", "end_others", "end_all", "add_app", "confirm_app", "remove_app", "make_codes", "remove_passkey", "confirm_passkey", "change_email", "invite", "invite_file", "workspace_two_factor", "role", "hand_over", "member", "request_reset", "decide_case", "client", "webhook", "delete_account", "delete_now", "fetch_export", "close_step", "make_api_key", "revoke_api_key", "was_me", "reviewed", "secure_begin", "secure_factors" }.SelectMany(what => new[] { $"step_up.for.{what}", $"step_up.go_on.{what}" }))
            .Concat(Holdfast.Features.OAuth.Scope.BuiltIn.SelectMany(scope => new[] { $"oauth.scope.{scope}", $"oauth.scope.{scope}.more", $"oauth.scope.{scope}.brief" })).Concat(Permission.All.Select(permission => $"permission.{permission}")).Concat(Holdfast.Features.ApiKeys.ApiScope.All.Select(scope => $"api_keys.scope.{scope}")).Concat(Role.BuiltIn.SelectMany(role => new[] { $"role.{role.Key}", $"user.edit.role.{role.Key}.hint" }))
            .Concat(UserAct.All.SelectMany(act => new[] { $"user.act.{act}", $"user.confirm.{act}.title", $"user.confirm.{act}.text", $"flash.user_{act}" })).Concat(UserSearch.Filters.Select(only => $"users.only.{only}"))
            .Concat(new[] { "role_changed", "suspended", "reactivated", "removed", "signed_out", "ownership_given", "ownership_received", "two_factor_everyone", "api_key_made", "api_key_revoked", "api_key_ends", "workspace_goes", "workspace_back" }.SelectMany(kind => new[] { "title", "preheader", "what", "then" }.Select(part => $"letter.member.{kind}.{part}")))
            .Concat(Constants(typeof(CaseState)).Select(state => $"reset_case.state.{state}")).Concat(CaseState.Closed.Where(state => state != CaseState.Done).Select(state => $"operator_case.outcome.{state}"))
            .Concat(IdentityCheck.All.SelectMany(way => new[] { $"reset_case.way.{way}", $"reset_case.way.{way}.hint", $"reset_case.way.{way}.done" })).Concat(LostThing.All.SelectMany(thing => new[] { $"reset_case.lost.{thing}", $"request_reset.lost.{thing}" }))
            .Concat(Constants(typeof(StopWay)).Where(way => way != StopWay.Operator).Select(way => $"reset_case.stop_way.{way}")).Concat(new[] { CaseState.Requested, CaseState.Waiting }.Select(state => $"stop_reset.notice.{state}"))
            .Concat(new[] { "asked", "waiting", "reminder", "stopped", "not_done", "requester_waiting", "requester_declined", "requester_stopped", "requester_done", "requester_ended", "operator_asked", "operator_stopped" }
                .SelectMany(kind => new[] { "title", "preheader", "what", "then" }.Select(part => $"letter.reset_case.{kind}.{part}")))
            .Concat(Constants(typeof(Holdfast.Features.Webhooks.EndpointStanding)).Select(standing => $"webhooks.state.{standing}")).Concat(new[] { "waiting", "delivered", "failed" }.Select(state => $"webhook.delivery.{state}"))
            .Concat(new[] { "grace", "running", "stuck", "done", "kept" }.Select(standing => $"erasure.standing.{standing}")).Concat(Constants(typeof(Holdfast.Features.Deletion.BegunBy)).Select(by => $"erasure.begun_by.{by}"))
            .Concat(Constants(typeof(Holdfast.Features.Erasure.ErasurePhase)).Select(phase => $"erasure.phase.{phase}")).Concat(new[] { "profile", "sign_in", "devices", "activity", "workspaces", "applications", "cases", "letters" }.SelectMany(part => new[] { $"export.part.{part}", $"export.part.{part}.text" }))
            .Concat(Enum.GetValues<DeviceKind>().Select(kind => $"device.kind.{(Device.Unknown with { Kind = kind }).Type}"))
            .Concat(Enum.GetNames<Holdfast.Configuration.OnPasswordChange>().SelectMany(name => new[] { $"policy.password.after.{name}", $"security.password.lead.{name}" }))
            .Concat(Enumerable.Range(0, 5).SelectMany(score => new[] { $"password.strength.{score}", $"security.password.score.{score}" }));
        Assert.DoesNotContain(keys, key => !Text.English.Has(key));
        Assert.DoesNotContain(Constants(typeof(AuditKind)), kind => !Text.English.Has($"activity.{kind}") && !Text.English.Has($"activity.{kind}.one"));
        // Each kind belongs to one filter of the page.
        Assert.Equal(Constants(typeof(AuditKind)).Order(StringComparer.Ordinal), ListActivity.Groups.Values.SelectMany(kinds => kinds).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_refusal_has_its_sentence_and_its_status_a_title()
    {
        var refusals = Sources.SelectMany(s => RefusalMade().Matches(s.Text).Select(m => (Code: m.Groups["code"].Value, Status: m.Groups["status"].Value, s.Path))).ToList();
        Assert.True(refusals.Count > 40);
        Assert.Empty(refusals.Where(r => !Text.English.Has($"refusal.{r.Code}")).Select(r => $"{r.Path}: {r.Code}"));
        Assert.Empty(refusals.Where(r => r.Status.Length > 0 && !Text.English.Has($"problem.status.{r.Status}")).Select(r => $"{r.Path}: {r.Status}"));
        // A code means one status, for good.
        Assert.Empty(refusals.Where(r => r.Status.Length > 0).GroupBy(r => r.Code, StringComparer.Ordinal).Where(code => code.Select(r => r.Status).Distinct(StringComparer.Ordinal).Count() > 1 && code.Key != "request.malformed").Select(code => code.Key));
    }

    [Fact]
    public async Task Strangers_may_use_what_is_named_here_and_nothing_else()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints;
        // The gate asks routes for a session: an endpoint of another kind would pass it.
        Assert.All(endpoints, endpoint => Assert.IsAssignableFrom<RouteEndpoint>(endpoint));
        var open = endpoints.Cast<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<OpenToAllAttribute>() is not null).Select(e => e.RoutePattern.RawText!.TrimStart('/') is { Length: > 0 } path ? path : "/");
        Assert.Equal(OpenToAll.Order(StringComparer.Ordinal), open.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_must_set_up_two_factor_may_use_what_is_named_here_and_nothing_else()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var open = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<OpenWhileEnrollingAttribute>() is not null).Select(e => e.RoutePattern.RawText!.TrimStart('/'));
        Assert.Equal(OpenWhileEnrolling.Order(StringComparer.Ordinal), open.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_waits_to_be_deleted_may_use_what_is_named_here_and_nothing_else()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var open = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<OpenWhileClosingAttribute>() is not null).Select(e => e.RoutePattern.RawText!.TrimStart('/'));
        Assert.Equal(OpenWhileClosing.Order(StringComparer.Ordinal), open.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_route_of_a_workspace_names_its_permission()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Where(EnterWorkspace.IsOfWorkspace).ToList();
        Assert.All(routes, route =>
        {
            Assert.NotNull(route.Metadata.GetMetadata<InWorkspaceAttribute>());
            Assert.Contains(route.Metadata.GetMetadata<InWorkspaceAttribute>()!.Permission, Permission.All.Append(Permission.None));
            Assert.Null(route.Metadata.GetMetadata<OpenToAllAttribute>());
            Assert.Matches("^/?(w|api/v1/workspaces)/[{]workspace[}]", route.RoutePattern.RawText!);
        });
    }

    [Fact]
    public async Task Every_operators_route_lies_where_operators_alone_come_in()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Where(Holdfast.Features.Operator.OperatorsOnly.IsOfOperators).ToList();
        Assert.True(routes.Count >= 7);
        Assert.All(routes, route => Assert.Null(route.Metadata.GetMetadata<OpenToAllAttribute>()));
    }

    private static IEnumerable<string> Constants(Type names) => names.GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);

    /// <summary>A key with holes, such as <c>end_reason.{why}</c>, exists when some key fits it.</summary>
    private static bool Exists(string key)
    {
        if (!key.Contains('{', StringComparison.Ordinal)) return Text.English.Has(key);
        var pattern = "^" + Regex.Replace(Regex.Escape(key), @"\\\{[^}]*}", ".+", RegexOptions.None, TimeSpan.FromSeconds(1)) + "$";
        return AllKeys.Any(known => Regex.IsMatch(known, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    private static readonly IReadOnlyList<string> AllKeys = [.. Texts("Text.resx").Keys];

    private static Dictionary<string, string> Texts(string file) =>
        System.Xml.Linq.XDocument.Load(Path.Combine(Root, "src/Holdfast/Texts", file)).Root!.Elements("data").ToDictionary(data => data.Attribute("name")!.Value, data => data.Element("value")!.Value, StringComparer.Ordinal);

    private static IEnumerable<string> Files(string under, params string[] endings) => Directory.EnumerateFiles(Path.Combine(Root, under), "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path)).Where(path => endings.Contains(Path.GetExtension(path)) && !path.Split('/').Any(part => part is "obj" or "bin"));

    /// <summary>Path within the project.</summary>
    private static string Inner(string path) => path["src/Holdfast/".Length..];

    private static string Folder(string path) => Path.GetDirectoryName(Inner(path))!;

    [GeneratedRegex(@"static class (?<name>\w+Table)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex TableClass();

    [GeneratedRegex("\"{1,3}\\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM) ", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Statement();

    [GeneratedRegex(@"\busing (Npgsql|Microsoft\.Data\.Sqlite|SQLitePCL)|\b(Npgsql|Sqlite)(Connection|Exception|Command|DataSource)", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Driver();

    [GeneratedRegex(@"\bEngine\b", RegexOptions.None, 5000)]
    private static partial Regex EngineWord();

    [GeneratedRegex(@"\.(OpenReader|OpenWriter|ReturnReader|ReturnWriter|Ddl|MigrationLockSql|NotifySql|IsUniqueViolation|IsWorthRepeating)\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex EngineInside();

    [GeneratedRegex(@"\b(t|T|text|English)\[\$?""(?<key>[^""]+)""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex TextKey();

    [GeneratedRegex(@"\b(t|T|text)\.Count\(""(?<key>[^""]+)""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex CountKey();

    [GeneratedRegex(@"Flash\.Set\(Response, ([^,;]*switch \{[^}]*\}|[^,;]*\?[^,;]*:[^,;]*|""[^""]*"")", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex FlashCall();

    [GeneratedRegex(@"""(?<key>[^""]+)""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"new(?: Refusal)?\(""(?<code>[a-z_]+\.[a-z_]+)"", ?(?<status>\d{3})?", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex RefusalMade();
}
