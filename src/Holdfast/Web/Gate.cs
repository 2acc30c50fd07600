using Holdfast.Features.ApiKeys;
using Holdfast.Features.Deletion;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Web;

/// <summary>Marks an endpoint that strangers may use. Everything else asks for a session: deny is the default (ASVS 8.2.1).</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OpenToAllAttribute : Attribute;

/// <summary>
/// Marks what is open to a person who has to set up two-factor first: the set-up itself, signing out, and saying who is signed in. Everything else is closed to them, and what strangers may use
/// takes them for strangers: deny is the default here as well.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OpenWhileEnrollingAttribute : Attribute;

/// <summary>
/// Marks what is open to a person whose account waits to be deleted: keeping it, deleting it now, taking the data along, proving who they are, signing out. Everything else is closed to them, and what strangers may use takes them for strangers.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OpenWhileClosingAttribute : Attribute;

/// <summary>Marks an endpoint that a page asks by itself, without anybody doing anything: it does not count as use of the session (ASVS 7.3.1).</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NotAUseAttribute : Attribute;

/// <summary>Marks an endpoint that only answers, whatever the method, and may be asked with the headers of somebody else's request: what guards changes is not for it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public class ChangesNothingAttribute : Attribute;

/// <summary>The same for what applications of other sites post forms to: these are read, so they have to be in UTF-8.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class TakesForeignFormsAttribute : ChangesNothingAttribute;

/// <summary>On each request: who is it, may they come in, and does the call come from our own pages.</summary>
public sealed class Gate(RequestDelegate next, CheckSession check, CheckApiKey checkKey, TimeProvider clock)
{
    /// <summary>A header that a foreign site cannot send without being asked first (CORS): its presence shows that our own script, or a program, makes the call.</summary>
    public const string ForgeryHeader = "X-Holdfast-Request";

    private static readonly Refusal MethodNotAllowed = new("request.method", 405);
    internal static readonly Refusal Forged = new("request.cross_site", 403);
    private static readonly Refusal HeaderMissing = new("request.header_missing", 403);
    private static readonly Refusal MediaType = new("request.media_type", 415);
    internal static readonly Refusal SignInRequired = new("session.required", 401);

    public async Task InvokeAsync(HttpContext context)
    {
        var takesFiles = context.GetEndpoint()?.Metadata.GetMetadata<LargeFormsAttribute>() is not null;
        if (context.Request.ContentLength > (takesFiles ? LargeFormsAttribute.Largest : Problems.LargestBody))
        {
            // Not read at all: the connection closes instead.
            context.Response.Headers.Connection = "close";
            await Problems.Answer(context, new Refusal("request.too_large", 413));
            return;
        }
        // What is no route is the framework's own 405 or 415: it does nothing but say so.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }
        var isApi = IsApi(context.Request);
        // What strangers may use has ways of its own to read that header.
        var key = endpoint.Metadata.GetMetadata<OpenToAllAttribute>() is null ? ApiKeyText.In(context.Request) : null;
        var free = endpoint.Metadata.GetMetadata<ChangesNothingAttribute>();
        if (((free is null ? RefuseMethod(context.Request, isApi, key is not null) : null) ?? (free is null or TakesForeignFormsAttribute ? RefuseCharset(context.Request) : null)) is { } refusal)
        {
            await Problems.Answer(context, refusal);
            return;
        }
        if (key is not null)
        {
            await EnterByKey(context, endpoint, key);
            return;
        }
        var found = await check.Run(Cookies.Find(context.Request, Cookies.Session), isUse: endpoint.Metadata.GetMetadata<NotAUseAttribute>() is null);
        if (found.SignedIn is { } signedIn)
        {
            // Somebody who is leaving is asked for nothing new: the deletion comes before the set-up.
            var leaving = signedIn.Account.ClosedAt is not null;
            if (IsOpen(endpoint, signedIn, leaving)) context.Features.Set(signedIn);
            else if (endpoint.Metadata.GetMetadata<OpenToAllAttribute>() is null)
            {
                context.Features.Set(signedIn);
                await SendAway(context, isApi, leaving);
                return;
            }
        }
        else if (found.Over is not null) context.Features.Set(new OverSession(found.Over, found.WhyOver!));
        if (found.SignedIn is null && endpoint.Metadata.GetMetadata<OpenToAllAttribute>() is null)
        {
            if (isApi || !HttpMethods.IsGet(context.Request.Method)) await Problems.Answer(context, found.Over is null ? SignInRequired : SessionRefusals.Ended);
            else context.Response.Redirect($"/sign-in?return={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}");
            return;
        }
        // Only now: what a stranger sends stays small.
        if (takesFiles && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = LargeFormsAttribute.Largest;
        await next(context);
    }

    /// <summary>A program of a workspace. It is nobody who is signed in: a cookie that comes with the key counts for nothing, and routes that are not marked for keys stay closed.</summary>
    private async Task EnterByKey(HttpContext context, RouteEndpoint endpoint, string key)
    {
        if (endpoint.Metadata.GetMetadata<OpenToKeysAttribute>() is not { } open)
        {
            await Problems.Answer(context, ApiKeyRefusals.NotHere);
            return;
        }
        var (outcome, pace) = await checkKey.Run(key, context.GetRouteValue("workspace") as string, open.Scope, Client.Of(context));
        pace?.Tell(context.Response);
        if (!outcome.Ok)
        {
            // RFC 9110 §11.6.1, RFC 6750 §3.
            if (outcome.Refusal.Status == 401) context.Response.Headers.WWWAuthenticate = "Bearer realm=\"holdfast\", error=\"invalid_token\"";
            await Problems.Answer(context, outcome.Refusal);
            return;
        }
        context.Features.Set(outcome.Value);
        await next(context);
    }

    private bool IsOpen(Endpoint endpoint, SignedIn me, bool leaving) => leaving
        ? endpoint.Metadata.GetMetadata<OpenWhileClosingAttribute>() is not null
        : !me.TwoFactorRule.MustEnrol(clock.GetUtcNow()) || endpoint.Metadata.GetMetadata<OpenWhileEnrollingAttribute>() is not null;

    private static Task SendAway(HttpContext context, bool isApi, bool leaving)
    {
        if (isApi || !HttpMethods.IsGet(context.Request.Method)) return Problems.Answer(context, leaving ? DeletionRefusals.Closing : TwoFactorRefusals.EnrolRequired);
        context.Response.Redirect(leaving ? ClosingPage.Address : "/account/two-factor");
        return Task.CompletedTask;
    }

    /// <param name="byKey">With a header that no foreign page can send unasked, and no cookie counts: there is nothing to forge.</param>
    private static Refusal? RefuseMethod(HttpRequest request, bool isApi, bool byKey)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return null;
        if (!isApi && !HttpMethods.IsPost(request.Method)) return MethodNotAllowed;
        if (IsForeign(request)) return Forged;
        return isApi && !byKey && !request.Headers.ContainsKey(ForgeryHeader) ? HeaderMissing : null;
    }

    /// <summary>A page of another origin makes the call. Sec-Fetch-Site cannot be set by scripts; old browsers and programs do not send it (ASVS 3.5.1).</summary>
    internal static bool IsForeign(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site";

    /// <summary>Everything is read as UTF-8 (RFC 8259 §8.1): another charset, one that nobody knows among them, makes the framework's readers throw.</summary>
    private static Refusal? RefuseCharset(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue) return null;
        if (!HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)) return MediaType;
        // They do not take the quotes off either, which RFC 9110 §5.6.6 allows.
        type.Charset = "utf-8";
        request.ContentType = type.ToString();
        return null;
    }

    // In any case, as routes are found: /API is the API too, and asks for the header.
    internal static bool IsApi(HttpRequest request) => request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || request.Path.Equals(Features.ForwardAuth.ForwardAuthApi.Path, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The session that this browser had, and why it is over: the sign-in page says so.</summary>
public sealed record OverSession(Session Session, string Why);

public static class Actor
{
    /// <summary>The signed-in person of this request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint is open to strangers and forgot to ask.</exception>
    public static SignedIn Me(this HttpContext context) => context.Features.Get<SignedIn>() ?? throw new InvalidOperationException("Nobody is signed in on this request");

    public static SignedIn? MeOrNobody(this HttpContext context) => context.Features.Get<SignedIn>();
}
