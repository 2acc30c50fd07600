using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Web;

namespace Holdfast.Features.ForwardAuth;

/// <summary>
/// Answers a reverse proxy that stands before the product (nginx auth_request, Caddy forward_auth, Traefik ForwardAuth): may this request pass, and who makes it.
/// 200 with <see cref="IdentityHeaders"/>; else 401, or the way to the sign-in page where the proxy hands that to the browser; 403 where more is asked than being signed in.
/// </summary>
public static class ForwardAuthApi
{
    public const string Path = "/forward-auth";

    /// <summary>For nginx, which makes the redirect itself.</summary>
    public const string SignIn = "Holdfast-Sign-In";

    // Whatever the method: some proxies ask with that of the request they ask about. It is a use of the session like any other.
    public static void Map(IEndpointRouteBuilder app)
    {
        var server = app.ServiceProvider.GetRequiredService<HoldfastSettings>().Server;
        RequestDelegate answer = context => Answer(context, server);
        app.Map(Path, answer).WithMetadata(new OpenToAllAttribute(), new ChangesNothingAttribute()).ExcludeFromDescription();
    }

    private static Task Answer(HttpContext context, ServerSettings server)
    {
        var requirement = Requirement.Nothing;
        if (context.Request.QueryString.HasValue)
        {
            var read = Requirement.Read(context.Request.Query);
            if (!read.Ok) return Problems.Answer(context, read.Refusal);
            requirement = read.Value;
        }
        if (context.MeOrNobody() is not { } me) return Stranger(context, server);
        if (requirement.RefusalOf(me) is { } refusal) return Problems.Answer(context, refusal, asPage: AskedFor.Of(context) is { IsNavigation: true, IsRelayed: true });
        var response = context.Response;
        foreach (var (name, value) in me.Identity(IdentityHeaders.Of)) response.Headers[name] = value;
        response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private static Task Stranger(HttpContext context, ServerSettings server)
    {
        var asked = AskedFor.Of(context);
        var refusal = context.Features.Get<OverSession>() is null ? Gate.SignInRequired : SessionRefusals.Ended;
        if (!asked.IsNavigation) return Problems.Answer(context, refusal);
        // In full: Traefik takes a bare path for one of its own way to us.
        var signIn = server.LinkTo(asked.ReturnTo is { } back ? $"/sign-in?return={Uri.EscapeDataString(back)}" : "/sign-in");
        if (asked.IsRelayed)
        {
            context.Response.Redirect(signIn);
            return Task.CompletedTask;
        }
        context.Response.Headers[SignIn] = signIn;
        return Problems.Answer(context, refusal);
    }
}
