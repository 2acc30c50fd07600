using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;

namespace Holdfast.Web;

/// <summary>What the endpoints share: answers from outcomes, and cookies that follow a session.</summary>
public static class Api
{
    private static readonly object SessionOver = new();

    /// <summary>Ends the request with problem details.</summary>
    public static IResult Refuse(Refusal refusal) => new RefusalResult(refusal);

    /// <summary>Gives the browser the session's token, and a device cookie when it has none.</summary>
    public static void SetCookies(HttpContext context, SignInResult result)
    {
        SetCookie(context, result.Fresh);
        if (result.Browser is { } browser) Cookies.SetDevice(context.Response, browser);
    }

    /// <summary>The same after the second step: the pending sign-in is over.</summary>
    public static void SetCookies(HttpContext context, SecondStepResult result)
    {
        Cookies.Delete(context.Response, Cookies.Pending);
        SetCookies(context, result.SignIn);
        if (result.Remembered is { } remembered) Cookies.Set(context.Response, Cookies.Remembered, remembered.Reveal(), context.RequestServices.GetRequiredService<HoldfastSettings>().TwoFactor.Remember, SameSiteMode.Lax);
    }

    public static void SetCookie(HttpContext context, FreshSession fresh)
    {
        var services = context.RequestServices;
        var lifetime = fresh.Session.CookieLifetime(services.GetRequiredService<TimeProvider>().GetUtcNow(), services.GetRequiredService<HoldfastSettings>().Sessions);
        Cookies.SetSession(context.Response, fresh.Token, lifetime);
    }

    /// <summary>Leaves nothing of the person in the browser (ASVS 14.3.1). The device cookie stays: it is what keeps strangers from locking them out.</summary>
    public static void ForgetSession(HttpContext context)
    {
        context.Items[SessionOver] = true;
        Cookies.Delete(context.Response, Cookies.Session);
        context.Response.Headers["Clear-Site-Data"] = "\"cache\", \"storage\"";
    }

    /// <summary>True once this request has ended the session it came with: its answer is a page for nobody, and opens no stream that would be refused and lead away from it.</summary>
    public static bool HasForgotten(HttpContext context) => context.Items.ContainsKey(SessionOver);

    private sealed class RefusalResult(Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Problems.Answer(httpContext, refusal);
    }
}
