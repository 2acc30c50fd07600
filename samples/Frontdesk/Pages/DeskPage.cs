using Frontdesk.Desks;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>What the pages of a desk have in common: whoever is not signed in goes to Holdfast first, and a desk that is not the person's is not there.</summary>
[RequireHoldfast]
public abstract class DeskPage(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : PageModel
{
    /// <summary>Who is signed in.</summary>
    public HoldfastPerson Me => User.Holdfast()!;

    /// <summary>Whose page it is.</summary>
    public Desk Desk { get; private set; } = null!;

    /// <summary>All desks of the person.</summary>
    public IReadOnlyList<Desk> Desks => field ??= open.All(Me);

    /// <summary>Times as the person reads them.</summary>
    public Moments Moments => field ??= new Moments(Me.TimeZone, clock.GetUtcNow());

    /// <summary>Where the person looks after their account.</summary>
    public string Security => options.Value.Authority.TrimEnd('/') + "/account/security";

    /// <summary>What the last form did, by the word in the address; null without one.</summary>
    public string? Said => Request.Query["done"].ToString() switch
    {
        "note" => "The note is saved.",
        "lead" => "The lead is saved.",
        "article" => "The answer is saved. The receptionist knows it from the next call on.",
        "saved" => "Saved. The receptionist does so from the next call on.",
        "taken" => "The number is yours. Calls to it are answered from now on.",
        "given" => "The number is back in the pool.",
        _ => null,
    };

    /// <summary>Why the last form did nothing, by the same word; null when it did something.</summary>
    public string? Refused => Request.Query["done"].ToString() switch
    {
        "late" => "That number is not free any more. Choose another one.",
        "long" => "Nothing was saved: one of the fields was empty, or too long.",
        _ => null,
    };

    /// <summary>This moment, in milliseconds since 1970.</summary>
    protected long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A link within the desk.</summary>
    public string To(string path = "") => $"/d/{Uri.EscapeDataString(Desk.Key)}{path}";

    /// <inheritdoc/>
    public override Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (open.Run(Me, (string)RouteData.Values["desk"]!) is not { } desk)
        {
            context.Result = NotFound();
            return Task.CompletedTask;
        }
        Desk = desk;
        return next();
    }

    /// <summary>One transaction of the product's database.</summary>
    protected T Run<T>(Func<Tx, T> work) => db.Run(work);

    /// <summary>After a form: the page again, with a word of what was done.</summary>
    protected RedirectResult Back(string path, string done) => Redirect($"{To(path)}?done={done}");
}
