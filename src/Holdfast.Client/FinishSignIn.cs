using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>The person comes back with a code. Everything is looked at in the order that keeps the code, and the secret, from strangers; then there is a new session here.</summary>
internal sealed class FinishSignIn(Provider provider, ReadToken read, Attempts attempts, Vault vault, IHoldfastSessions sessions, Origin origin, IOptions<HoldfastOptions> options, TimeProvider clock, ILogger<FinishSignIn> logger)
{
    public async Task Run(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        // One that this browser did not begin, or that is used up (RFC 6749 §10.12).
        if (attempts.Finish(context, One(context, "state")) is not { } attempt)
        {
            // The button Back, or a second click: they are where they wanted to be.
            if (context.User.Holdfast() is not null) context.Response.Redirect(context.Request.PathBase + "/");
            else await FailurePage.Show(context, Failure.NotBegunHere, "/", options.Value);
            return;
        }
        var (session, failure) = await SignIn(context, attempt);
        if (session is null)
        {
            await FailurePage.Show(context, failure!, attempt.Return, options.Value);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = attempt.Return;
    }

    private async Task<(Session? Session, string? Failure)> SignIn(HttpContext context, Attempt attempt)
    {
        // RFC 9207 §2.4: before anything else of it is believed. It has to be there, whatever kind of answer it is.
        if (One(context, "iss") != options.Value.Issuer) return Refuse("iss is another");
        if (One(context, "error") is { } error) return (null, error is "access_denied" or "unmet_authentication_requirements" or "login_required" or "server_error" or "temporarily_unavailable" ? error : Failure.Refused);
        if (One(context, "code") is not { Length: < 1000 } code) return Refuse("no code");
        var now = clock.GetUtcNow();
        var exchanged = await provider.Exchange(code, attempt.Verifier, origin.Of(context.Request) + HoldfastEndpoints.Callback);
        if (exchanged.Value is not { } tokens) return exchanged.Error == Provider.Unreachable ? (null, Failure.Unreachable) : Refuse("the code was not taken");
        var token = await read.Run(tokens.Id!, ReadToken.Id);
        if (token.Value is not { } claims) return token.Error == Provider.Unreachable ? (null, Failure.Unreachable) : Refuse("the id token is not right");
        var id = JsonElement.Parse(claims);
        if (IdTokenRules.WhyNot(id, attempt, tokens.Access) is { } why) return Refuse(why);
        var person = await provider.UserInfo(tokens.Access);
        if (!person.Ok) return person.Error == Provider.Unreachable ? (null, Failure.Unreachable) : Refuse("the session is over already");
        var cookie = Attempts.Random();
        var session = new Session(Vault.KeyOf(cookie)!, ReadToken.Text(id, "sid")!, tokens.Id!, claims, person.Value!, now - IdTokenRules.AgeOfProof(id)!.Value, attempt.Demand.SecondFactor ? attempt.Demand.Seconds : null, tokens.Access, now + tokens.Lifetime, tokens.Refresh, now);
        if (!Session.IsAbout(session.Person, session.Subject)) return Refuse("userinfo is about somebody else");
        if (!await sessions.Add(vault.Close(session), CancellationToken.None)) return Refuse("the session is over already");
        // A new key with each sign-in and each proof (ASVS 7.2.4), and the one before serves no more.
        if (Vault.KeyOf(context.Request.Cookies[options.Value.CookieName]) is { } old) await sessions.Remove(old, CancellationToken.None);
        Cookies.Set(context.Response, options.Value.CookieName, cookie);
        return (session, null);
    }

    private (Session?, string?) Refuse(string why)
    {
        logger.LogWarning("A sign-in was refused: {Why}", why);
        return (null, Failure.Refused);
    }

    /// <summary>None may come twice (RFC 6749 §3.1).</summary>
    private static string? One(HttpContext context, string name) => context.Request.Query[name] is [{ Length: > 0 } value] ? value : null;
}
