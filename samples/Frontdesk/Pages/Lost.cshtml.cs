using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Frontdesk.Pages;

/// <summary>What is shown for an address at which there is nothing, and for what somebody may not do.</summary>
[IgnoreAntiforgeryToken]
public sealed class LostModel : PageModel
{
    /// <summary>The page.</summary>
    public void OnGet()
    {
    }

    /// <summary>After a form that led nowhere.</summary>
    public void OnPost()
    {
    }
}
