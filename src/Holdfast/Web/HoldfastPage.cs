using Holdfast.Configuration;
using Holdfast.Features.Devices;
using Holdfast.Features.Sessions;
using Holdfast.Texts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Holdfast.Web;

/// <summary>What every page can do: say words, know the person, show refusals at their fields.</summary>
public abstract class HoldfastPage : PageModel
{
    private readonly List<Refusal> _refusals = [];

    public Text T { get; private set; } = Text.English;

    public Moments Moments { get; private set; } = null!;

    public HoldfastSettings Settings { get; private set; } = null!;

    public SignedIn? Visitor => HttpContext.MeOrNobody();

    public SignedIn Me => HttpContext.Me();

    public Client Client => Client.Of(HttpContext);

    /// <summary>A device in words.</summary>
    public string Say(Device device) => device.Name(T, Settings.Product.Name);

    public DateTimeOffset Now { get; private set; }

    public IReadOnlyList<Refusal> Refusals => _refusals;

    public Flash? Flash { get; private set; }

    public long UnreadLetters { get; private set; } = -1;

    public string ThemeName { get; private set; } = "auto";

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (context.HandlerMethod is null)
        {
            // The framework would show the page all the same, empty and past every check that its handlers make.
            context.Result = await RefuseWhole(new Refusal("request.method", 405));
            return;
        }
        var services = HttpContext.RequestServices;
        T = services.GetRequiredService<Words>().Of(HttpContext);
        Settings = services.GetRequiredService<HoldfastSettings>();
        Now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        Moments = new Moments(T, Now, Visitor?.Account.TimeZone);
        ThemeName = HttpContext.Request.Cookies[Cookies.Theme] is "light" or "dark" ? HttpContext.Request.Cookies[Cookies.Theme]! : "auto";
        var mailbox = services.GetRequiredService<Features.DevMail.Mailbox>();
        // The page about a problem asks the database nothing: it may be what the problem is.
        if (HttpContext.Features.Get<ShownProblem>() is null && mailbox.IsOpenTo(HttpContext)) UnreadLetters = await mailbox.Unread();
        if (HttpMethods.IsGet(Request.Method) && HttpContext.Features.Get<ShownProblem>() is null) Flash = Flash.Take(HttpContext) is { } flash && T.Has($"flash.{flash.Key}") ? flash : null;
        await next();
    }

    /// <summary>The message at a field; null when it is fine.</summary>
    public string? ErrorAt(string field) => _refusals.FirstOrDefault(r => r.Field == field) is { } refusal ? Problems.Message(refusal, T) : null;

    /// <summary>The message that belongs to no field.</summary>
    public Refusal? WholeRefusal => _refusals.FirstOrDefault(r => r.Field is null);

    public string? FirstWrongField => _refusals.FirstOrDefault(r => r.Field is not null)?.Field;

    public string Message(Refusal refusal) => Problems.Message(refusal, T);

    /// <summary>Shows the page again with what was refused, and the status that fits.</summary>
    protected IActionResult Refuse(Refusal refusal)
    {
        _refusals.AddRange(refusal.Each);
        Response.StatusCode = refusal.Status;
        if (refusal.RetryAfter is { } wait) Response.Headers.RetryAfter = Problems.Seconds(wait);
        return Page();
    }

    /// <summary>The error page, for what cannot be mended on this one.</summary>
    protected async Task<IActionResult> RefuseWhole(Refusal refusal)
    {
        await Problems.Answer(HttpContext, refusal);
        return new EmptyResult();
    }
}
