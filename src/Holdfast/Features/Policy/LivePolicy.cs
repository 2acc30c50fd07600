using Holdfast.Configuration;
using Holdfast.Features.Passkeys;
using Holdfast.Features.TwoFactor;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Policy;

public sealed record PolicySection(string Title, IReadOnlyList<PolicyFact> Facts);

public sealed record PolicyFact(string Label, string Value);

/// <summary>The rules that are in force, as people read them (ASVS 6.1.1, 7.1.1). Made from the settings, so that page, API and command line cannot disagree with the server.</summary>
public sealed class LivePolicy(HoldfastSettings settings)
{
    public IReadOnlyList<PolicySection> Describe(Text t)
    {
        var (passwords, sessions, signIn) = (settings.Passwords, settings.Sessions, settings.SignIn);
        string Say(TimeSpan time) => Durations.Say(time, t);
        return
        [
            new(t["policy.password"],
            [
                new(t["policy.password.length"], Length(passwords, t)),
                new(t["policy.password.refused"], string.Join(" ", new[]
                {
                    t["policy.password.refused.always"],
                    passwords.BreachCheck != BreachCheck.Off ? t["policy.password.refused.breached"] : "",
                    passwords.RequireLettersAndNumbers ? t["policy.password.refused.mix"] : "",
                }.Where(line => line.Length > 0))),
                new(t["policy.password.after"], t[$"policy.password.after.{sessions.OnPasswordChange}"]),
                new(t["policy.password.stored"], t["policy.password.stored.value", passwords.MemoryKiB / 1024, passwords.Iterations]),
            ]),
            new(t["policy.sign_in"],
            [
                new(t["policy.sign_in.wrong"], t["policy.sign_in.wrong.value", signIn.FreeTries, Say(signIn.FirstWait), Say(signIn.LongestWait)]),
                new(t["policy.sign_in.stop"], t["policy.sign_in.stop.value", signIn.StopAt]),
                new(t["policy.sign_in.network"], t["policy.sign_in.network.value", signIn.NetworkLimit, Say(signIn.NetworkWindow)]),
            ]),
            new(t["policy.sign_up"], settings.SignUp.Mode == SignUpMode.Open
                ? [new(t["policy.sign_up.who"], t["policy.sign_up.Open"]), new(t["policy.sign_up.link"], t["policy.sign_up.link.value", Say(SignUp.SignUp.Lifetime)]), new(t["policy.sign_up.letters"], t["policy.sign_up.letters.value", SignUp.SignUp.LettersPerHour]), new(t["policy.sign_up.network"], t["policy.recovery.network.value", settings.SignUp.NetworkLimit, Say(signIn.NetworkWindow)])]
                : [new(t["policy.sign_up.who"], t[$"policy.sign_up.{settings.SignUp.Mode}"])]),
            new(t["policy.two_factor"],
            [
                new(t["policy.two_factor.required"], Required(settings.TwoFactor, t)),
                new(t["policy.two_factor.workspaces"], t["policy.two_factor.workspaces.value", Workspaces.RequireTwoFactor.MostDays]),
                new(t["policy.two_factor.app"], t["policy.two_factor.app.value", Totp.StepSeconds, Factors.MostApps]),
                new(t["policy.two_factor.passkeys"], new RelyingParty(settings.Server).IsPossible ? t["policy.two_factor.passkeys.value", Passkey.Most] : t["policy.two_factor.passkeys.none"]),
                new(t["policy.two_factor.codes"], t["policy.two_factor.codes.value", RecoveryCode.Count]),
                new(t["policy.two_factor.wrong"], t["policy.two_factor.wrong.value", signIn.FreeTries, Say(signIn.FirstWait), Say(signIn.LongestWait), signIn.StopAt]),
                new(t["policy.two_factor.pending"], t["policy.two_factor.pending.value", Say(SignIn.PendingSignIn.Lifetime)]),
                new(t["policy.two_factor.remember"], settings.TwoFactor.MayRemember ? t["policy.two_factor.remember.value", Say(settings.TwoFactor.Remember)] : t["policy.two_factor.remember.never"]),
                new(t["policy.two_factor.reset"], t["policy.two_factor.reset.value", Say(settings.TwoFactor.ResetWaiting)]),
            ]),
            new(t["policy.sessions"],
            [
                new(t["policy.sessions.kept"], t["policy.sessions.lifetime", Say(sessions.KeptIdle), Say(sessions.KeptAbsolute)]),
                new(t["policy.sessions.else"], t["policy.sessions.lifetime", Say(sessions.Idle), Say(sessions.Absolute)]),
                new(t["policy.sessions.number"], t["policy.sessions.number.value"]),
                new(t["policy.sessions.proof"], t["policy.sessions.proof.value", Say(sessions.ProofLifetime)]),
            ]),
            new(t["policy.api_keys"],
            [
                new(t["policy.api_keys.ends"], settings.ApiKeys.Longest is { } longest ? t["policy.api_keys.ends.value", Say(longest)] : t["policy.api_keys.ends.never"]),
                new(t["policy.api_keys.pace"], t["policy.api_keys.pace.value", settings.ApiKeys.PerMinute]),
                new(t["policy.api_keys.may"], t["policy.api_keys.may.value"]),
            ]),
            new(t["policy.log"], [new(t["policy.log.kept"], settings.Audit.Keep is { } keep ? t["policy.log.kept.value", Say(keep)] : t["policy.log.kept.ever"])]),
            new(t["policy.recovery"],
            [
                new(t["policy.recovery.link"], t["policy.recovery.link.value", Say(settings.Recovery.LinkLifetime)]),
                new(t["policy.recovery.letters"], t["policy.recovery.letters.value", settings.Recovery.LettersPerHour]),
                new(t["policy.recovery.network"], t["policy.recovery.network.value", settings.Recovery.NetworkLimit, Say(signIn.NetworkWindow)]),
                new(t["policy.recovery.after"], t["policy.recovery.after.value"]),
                new(t["policy.recovery.email"], t["policy.recovery.email.value", Say(EmailChange.EmailChange.Lifetime), Say(EmailChange.EmailChange.UndoLifetime)]),
            ]),
            new(t["policy.applications"],
            [
                new(t["policy.applications.access"], t["policy.applications.access.value", Say(settings.OAuth.AccessTokenLifetime)]),
                new(t["policy.applications.end"], t["policy.applications.end.value"]),
                new(t["policy.applications.consent"], t["policy.applications.consent.value"]),
                new(t["policy.applications.keys"], t["policy.applications.keys.value", Say(settings.OAuth.KeyRotation)]),
            ]),
            new(t["policy.deletion"],
            [
                new(t["policy.deletion.grace"], t["policy.deletion.grace.value", Say(settings.Deletion.Grace)]),
                new(t["policy.deletion.systems"], settings.Deletion.Connectors.Count == 0 ? t["policy.deletion.systems.none"] : t["policy.deletion.systems.value", string.Join(", ", settings.Deletion.Connectors.Select(c => c.Name)), Say(settings.Deletion.TryFor)]),
                new(t["policy.deletion.export"], t["policy.deletion.export.value", Say(Export.DataExport.Lifetime)]),
            ]),
        ];
    }

    private static string Length(PasswordSettings passwords, Text t)
    {
        var (alone, beside) = (passwords.ShortestFor(secondFactorAlwaysRequired: false), passwords.ShortestFor(secondFactorAlwaysRequired: true));
        var all = t["policy.password.length.value", alone, PasswordSettings.MaximumLength];
        return alone == beside ? all : $"{all} {t["policy.password.length.with_two_factor", beside]}";
    }

    private static string Required(TwoFactorSettings rule, Text t)
    {
        if (rule.RequiredForRoles.Count == 0) return t["policy.two_factor.required.nobody"];
        var roles = string.Join(", ", rule.RequiredForRoles.Select(role => t[$"policy.two_factor.role.{role}"]));
        return rule.Grace > TimeSpan.Zero ? t["policy.two_factor.required.grace", roles, Durations.Say(rule.Grace, t)] : t["policy.two_factor.required.at_once", roles];
    }
}

public static class PolicyApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/api/v1/policy", (LivePolicy policy, Words words, HttpContext context) => policy.Describe(words.Of(context)))
        .WithName("getPolicy").WithSummary("The live security policy, as people read it").WithTags("Policy").WithMetadata(new OpenToAllAttribute()).Produces<IReadOnlyList<PolicySection>>();
}
