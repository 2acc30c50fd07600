using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <param name="On">Every sign-in asks for a second factor.</param>
/// <param name="Required">A role asks for it: it cannot be turned off.</param>
/// <param name="EnrolBy">When it is asked for and not on: the end of the days of grace.</param>
/// <param name="RecoveryCodesSaved">The person has said that the codes are saved.</param>
/// <param name="WantsNewDevice">A recovery code was used: the next app that is set up takes the place of all others and of all codes.</param>
public sealed record TwoFactorAnswer(bool On, bool Required, DateTimeOffset? EnrolBy, bool MustEnrol, IReadOnlyList<FactorAnswer> Factors, int RecoveryCodesLeft, bool RecoveryCodesSaved, bool WantsNewDevice);

/// <param name="Method"><c>totp</c> for an authenticator app, <c>passkey</c> for a passkey.</param>
public sealed record FactorAnswer(string Id, string Method, string Name, DateTimeOffset AddedAt, DateTimeOffset? LastUsedAt);

/// <param name="Key">In base32, for typing into an app.</param>
/// <param name="Uri">What the QR code holds.</param>
/// <param name="Replaces">Confirming it removes every other app and all old codes.</param>
public sealed record BegunAppAnswer(string Id, string Key, string Uri, DateTimeOffset EndsAt, bool Replaces);

/// <param name="Code">Six digits that the app shows.</param>
public sealed record ConfirmAppRequest(PlainCode Code, string Name);

/// <param name="RecoveryCodes">Shown this once; absent where the old ones stay.</param>
public sealed record RecoveryCodesAnswer(IReadOnlyList<string>? RecoveryCodes);

public sealed record RenameRequest(string Name);

/// <param name="Code">Six digits of an app, now; with a passkey none.</param>
/// <param name="Passkey">The answer to a challenge of <c>/api/v1/two-factor/turn-off/passkey-options</c>; with it <c>method</c> need not be said.</param>
/// <param name="CurrentPassword">With <c>newPassword</c>, where <c>two_factor.longer_password</c> asks for it.</param>
public sealed record TurnOffRequest(PlainCode? Code = null, string Method = ProofMethod.Totp, PlainPassword? CurrentPassword = null, PlainPassword? NewPassword = null, PasskeyProof? Passkey = null);

/// <param name="Device">Such as "Firefox on Linux".</param>
public sealed record RememberedAnswer(string Id, string Device, string Place, string Address, DateTimeOffset Since, DateTimeOffset LastUsedAt, DateTimeOffset EndsAt);

public static class TwoFactorApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/two-factor").WithTags("Two-factor").WithMetadata(new OpenWhileEnrollingAttribute());
        Look(group);
        Apps(group);
        Codes(group);
        Browsers(group);
    }

    private static void Look(RouteGroupBuilder group)
    {
        group.MapGet("", async (HttpContext context, Storage.Db db, TimeProvider clock) =>
        {
            var (me, now) = (context.Me(), clock.GetUtcNow());
            var factors = await db.Read(tx => TwoFactorTable.Of(tx, me.Account.Id));
            return TypedResults.Ok(new TwoFactorAnswer(factors.IsOn, me.TwoFactorRule.Exists, me.TwoFactorRule.EnrolBy, me.TwoFactorRule.MustEnrol(now),
                [.. factors.All.Select(f => new FactorAnswer(f.Id, f.Method, f.Name, f.AddedAt, f.LastUsedAt))], factors.CodesLeft, factors.IsOn && !factors.CodesUnsaved, factors.WantsNewDevice));
        }).WithName("getTwoFactor").WithSummary("Where the person stands: factors, recovery codes, what a role asks for");

        group.MapPost("/turn-off", async (TurnOffRequest body, HttpContext context, TurnOff turnOff) =>
        {
            var password = body.NewPassword is { } next ? new ChangePasswordForm(body.CurrentPassword ?? PlainPassword.From(null), next, next, SignOutOthers: true) : null;
            var outcome = await turnOff.Run(context.Me(), new TurnOffForm(new SecondProof(body.Passkey is null ? body.Method : ProofMethod.Passkey, body.Code ?? PlainCode.From(null), body.Passkey?.Answer), password), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookie(context, outcome.Value);
            return Results.NoContent();
        }).WithName("turnTwoFactorOff").WithSummary("Turn two-factor off with a code of the app or a passkey; every factor and every recovery code goes, the session gets a new token")
            .Produces(204).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/new-device/later", async (HttpContext context, ChangeApps apps) =>
        {
            await apps.PutOffNewDevice(context.Me(), Client.Of(context));
            return Results.NoContent();
        }).WithName("putOffNewDevice").WithSummary("After a recovery code: set up the new device later").Produces(204);
    }

    private static void Apps(RouteGroupBuilder group)
    {
        group.MapPost("/apps", async (HttpContext context, BeginApp begin) =>
        {
            var outcome = await begin.Run(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.Ok(new BegunAppAnswer(outcome.Value.Id, outcome.Value.Key.Text(), outcome.Value.Uri, outcome.Value.EndsAt, outcome.Value.Replaces)) : Api.Refuse(outcome.Refusal);
        }).WithName("beginApp").WithSummary("Begin to set up an authenticator app; asked again, it answers the set-up under way in this session").Produces<BegunAppAnswer>().ProducesProblem(403).ProducesProblem(409);

        group.MapPost("/apps/{id}/confirm", async (string id, ConfirmAppRequest body, HttpContext context, ConfirmApp confirm) =>
        {
            var outcome = await confirm.Run(context.Me(), new ConfirmAppForm(id, body.Code, body.Name), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookie(context, outcome.Value.Fresh);
            return Results.Ok(new RecoveryCodesAnswer(outcome.Value.Codes is { } codes ? [.. codes.Select(code => code.Reveal())] : null));
        }).WithName("confirmApp").WithSummary("Confirm an app by a code that it shows; the first one turns two-factor on and brings recovery codes; the session gets a new token")
            .Produces<RecoveryCodesAnswer>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPatch("/apps/{id}", async (string id, RenameRequest body, HttpContext context, ChangeApps apps) =>
        {
            var outcome = await apps.Rename(context.Me(), id, body.Name, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("renameApp").WithSummary("Give an app another name").Produces(204).ProducesProblem(400).ProducesProblem(404);

        group.MapDelete("/apps/{id}", async (string id, HttpContext context, ChangeApps apps) =>
        {
            var outcome = await apps.Remove(context.Me(), id, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("removeApp").WithSummary("Remove one of several apps; the last one goes with turning two-factor off").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static void Codes(RouteGroupBuilder group)
    {
        group.MapPost("/recovery-codes", async (HttpContext context, MakeRecoveryCodes make) =>
        {
            var outcome = await make.Run(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.Ok(new RecoveryCodesAnswer([.. outcome.Value.Select(code => code.Reveal())])) : Api.Refuse(outcome.Refusal);
        }).WithName("makeRecoveryCodes").WithSummary("Make ten new recovery codes, shown this once; they take the place of all old ones").Produces<RecoveryCodesAnswer>().ProducesProblem(403).ProducesProblem(409);

        group.MapPost("/recovery-codes/saved", async (HttpContext context, MakeRecoveryCodes make) =>
        {
            var outcome = await make.Saved(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("recoveryCodesSaved").WithSummary("The person says that the codes are saved").Produces(204).ProducesProblem(409);
    }

    private static void Browsers(RouteGroupBuilder group)
    {
        group.MapGet("/remembered-browsers", async (HttpContext context, ForgetBrowsers browsers, FindPlace places, Configuration.ProductSettings product, Words words) =>
        {
            var text = words.Of(context);
            return TypedResults.Ok<IReadOnlyList<RememberedAnswer>>([.. (await browsers.List(context.Me())).Select(b => new RememberedAnswer(b.Id, b.Device.Name(text, product.Name), places.Name(b.Address, text), b.Address, b.MadeAt, b.LastUsedAt, b.EndsAt))]);
        }).WithName("listRememberedBrowsers").WithSummary("Browsers that may skip the second step");

        group.MapDelete("/remembered-browsers/{id}", async (string id, HttpContext context, ForgetBrowsers browsers) =>
        {
            var outcome = await browsers.Run(context.Me(), id, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("forgetRememberedBrowser").WithSummary("Ask this browser again").Produces(204).ProducesProblem(404);
    }
}
