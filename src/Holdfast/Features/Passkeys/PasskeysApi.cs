using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <param name="Ticket">Comes back with the answer.</param>
/// <param name="Options">For <c>PublicKeyCredential.parseCreationOptionsFromJSON</c> or <c>parseRequestOptionsFromJSON</c>.</param>
/// <param name="EndsAt">After that it begins anew.</param>
public sealed record ChallengeAnswer(string Ticket, JsonElement Options, DateTimeOffset EndsAt);

/// <summary>What the browser made of a challenge.</summary>
/// <param name="Ticket">Of the challenge.</param>
/// <param name="Credential">What <c>PublicKeyCredential.toJSON()</c> gave.</param>
public sealed record PasskeyProof(string Ticket, JsonElement Credential)
{
    internal PasskeyAnswer Answer => new(Ticket, Credential.ValueKind == JsonValueKind.Undefined ? "" : Credential.GetRawText());
}

/// <param name="Keep">"Keep me signed in"; default false.</param>
/// <param name="TimeZone">IANA name that the browser reports.</param>
public sealed record PasskeySignInRequest(string Ticket, JsonElement Credential, bool Keep = false, string? TimeZone = null);

/// <param name="Name">Default: what kind of authenticator it is, or the name of the device.</param>
public sealed record AddPasskeyRequest(string Ticket, JsonElement Credential, string? Name = null);

/// <param name="Synced">It is in a keychain that several devices share; else on one device alone.</param>
/// <param name="State"><c>active</c>; <c>paused</c>: since "This wasn't me" it needs the password beside it, until the person confirms it; <c>copied</c>: there may be a copy, so it is taken no more.</param>
public sealed record PasskeyItem(string Id, string Name, DateTimeOffset AddedAt, DateTimeOffset? LastUsedAt, bool Synced, string State);

/// <param name="RpId">With <paramref name="UserId"/> and <paramref name="AcceptedCredentialIds"/> for <c>PublicKeyCredential.signalAllAcceptedCredentials</c>.</param>
/// <param name="UserId">Absent before the first passkey.</param>
public sealed record PasskeyListAnswer(IReadOnlyList<PasskeyItem> Items, string RpId, string? UserId, IReadOnlyList<string> AcceptedCredentialIds);

/// <param name="RecoveryCodes">Shown this once; absent where the old ones stay.</param>
public sealed record AddedPasskeyAnswer(PasskeyItem Passkey, IReadOnlyList<string>? RecoveryCodes);

public static class PasskeysApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        SignIn(app.MapGroup("/api/v1").WithTags("Sign-in").WithMetadata(new OpenToAllAttribute()));
        Prove(app.MapGroup("/api/v1").WithMetadata(new OpenWhileEnrollingAttribute()));
        Own(app.MapGroup("/api/v1/me/passkeys").WithTags("Passkeys").WithMetadata(new OpenWhileEnrollingAttribute()));
        // Password managers lead people there (W3C, "A Well-Known URL for Relying Party Passkey Endpoints").
        app.MapGet("/.well-known/passkey-endpoints", (RelyingParty here, HoldfastSettings settings) => here.IsPossible
            ? Results.Json(new PasskeyEndpoints(settings.Server.LinkTo(AddPasskeyPage.Address), settings.Server.LinkTo(TwoFactorPage.Address + "#passkeys")), ApiJson.Default.PasskeyEndpoints)
            : Results.NotFound()).WithMetadata(new OpenToAllAttribute()).ExcludeFromDescription();
    }

    private static void SignIn(RouteGroupBuilder group)
    {
        group.MapPost("/sign-in/passkey/options", async (HttpContext context, AskForPasskey ask) => Answer(await ask.ForSignIn(Bind(context))))
            .WithName("beginPasskeySignIn").WithSummary("A challenge to sign in with a passkey; good for five minutes, in this browser").Produces<ChallengeAnswer>().ProducesProblem(409);

        group.MapPost("/sign-in/passkey", async (PasskeySignInRequest body, HttpContext context, SignInByPasskey signIn) =>
        {
            var form = new PasskeySignInForm(new PasskeyProof(body.Ticket, body.Credential).Answer, body.Keep, body.TimeZone, Cookies.Hash(context.Request, Cookies.Session));
            var outcome = await signIn.Run(form, Cookies.Hash(context.Request, Cookies.Passkey), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookies(context, outcome.Value);
            return Results.NoContent();
        }).WithName("signInByPasskey").WithSummary("Sign in with a passkey; the session comes as a cookie. It stands for both factors")
            .Produces(204).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429);

        group.MapPost("/sign-in/verify/passkey-options", async (HttpContext context, AskForPasskey ask) =>
            Cookies.Hash(context.Request, Cookies.Pending) is { } pending ? Answer(await ask.ForSecondStep(pending, Client.Of(context))) : Api.Refuse(PendingRefusals.Over))
            .WithName("beginPasskeyVerify").WithSummary("A challenge for the second step of this sign-in").Produces<ChallengeAnswer>().ProducesProblem(401).ProducesProblem(404);
    }

    private static void Prove(RouteGroupBuilder group)
    {
        group.MapPost("/step-up/passkey-options", async (HttpContext context, AskForPasskey ask) => Answer(await ask.ForStepUp(context.Me())))
            .WithName("beginPasskeyStepUp").WithSummary("A challenge to prove once more who you are").WithTags("Sign-in").WithMetadata(new OpenWhileClosingAttribute()).Produces<ChallengeAnswer>().ProducesProblem(404);

        group.MapPost("/two-factor/turn-off/passkey-options", async (HttpContext context, AskForPasskey ask) => Answer(await ask.ForTurningOff(context.Me())))
            .WithName("beginPasskeyTurnOff").WithSummary("A challenge for turning two-factor off").WithTags("Two-factor").Produces<ChallengeAnswer>().ProducesProblem(404);
    }

    private static void Own(RouteGroupBuilder group)
    {
        group.MapGet("", async (HttpContext context, ListPasskeys list) =>
        {
            var found = await list.Run(context.Me());
            return TypedResults.Ok(new PasskeyListAnswer([.. found.All.Select(Item)], found.RpId, found.UserId, [.. found.AcceptedIds]));
        }).WithName("listPasskeys").WithSummary("The person's passkeys, and what browsers are to be told about them");

        group.MapPost("/options", async (HttpContext context, BeginPasskey begin) => Answer(await begin.Run(context.Me())))
            .WithName("beginPasskey").WithSummary("A challenge to make a new passkey, for this session").Produces<ChallengeAnswer>().ProducesProblem(403).ProducesProblem(409);

        group.MapPost("", async (AddPasskeyRequest body, HttpContext context, AddPasskey add, Words words, ProductSettings product) =>
        {
            var client = Client.Of(context);
            var outcome = await add.Run(context.Me(), new AddPasskeyForm(new PasskeyProof(body.Ticket, body.Credential).Answer, body.Name, client.Device.Name(words.Of(context), product.Name)), client);
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookie(context, outcome.Value.Fresh);
            return Results.Ok(new AddedPasskeyAnswer(Item(outcome.Value.Passkey), outcome.Value.Codes is { } codes ? [.. codes.Select(code => code.Reveal())] : null));
        }).WithName("addPasskey").WithSummary("Add the passkey that the browser made; the first factor turns two-factor on and brings recovery codes; the session gets a new token")
            .Produces<AddedPasskeyAnswer>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409);

        group.MapPatch("/{id}", async (string id, RenameRequest body, HttpContext context, ChangePasskeys change) => Nothing(await change.Rename(context.Me(), id, body.Name, Client.Of(context))))
            .WithName("renamePasskey").WithSummary("Give a passkey another name").Produces(204).ProducesProblem(400).ProducesProblem(404);

        group.MapDelete("/{id}", async (string id, HttpContext context, ChangePasskeys change) => Nothing(await change.Remove(context.Me(), id, Client.Of(context))))
            .WithName("removePasskey").WithSummary("Remove a passkey; the last factor goes with turning two-factor off").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/confirm", async (string id, HttpContext context, ChangePasskeys change) => Nothing(await change.Confirm(context.Me(), id, Client.Of(context))))
            .WithName("confirmPasskey").WithSummary("After “This wasn’t me”: this passkey is mine, and may sign in alone again").Produces(204).ProducesProblem(403).ProducesProblem(404);
    }

    /// <summary>The cookie that a challenge for signing in belongs to. One for all pages of a browser, so that two of them do not get into each other's way.</summary>
    private static TokenHash Bind(HttpContext context)
    {
        if (Cookies.Hash(context.Request, Cookies.Passkey) is { } bound) return bound;
        var token = SecretToken.New();
        Cookies.Set(context.Response, Cookies.Passkey, token.Reveal(), null, SameSiteMode.Strict);
        return token.Hash;
    }

    private static PasskeyItem Item(Passkey p) => new(p.Id, p.Name, p.AddedAt, p.LastUsedAt, p.IsSynced, p.CopiedAt is not null ? "copied" : p.PausedAt is not null ? "paused" : "active");

    private static IResult Answer(Outcome<PasskeyChallenge> outcome)
    {
        if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
        using var options = JsonDocument.Parse(outcome.Value.Options);
        return Results.Ok(new ChallengeAnswer(outcome.Value.Ticket, options.RootElement.Clone(), outcome.Value.EndsAt));
    }

    private static IResult Nothing<T>(Outcome<T> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
}

/// <param name="Enroll">Where to add a passkey.</param>
/// <param name="Manage">Where to see them all.</param>
public sealed record PasskeyEndpoints(string Enroll, string Manage);
