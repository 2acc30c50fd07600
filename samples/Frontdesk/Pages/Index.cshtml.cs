using Frontdesk.Desks;
using Holdfast.Client;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Frontdesk.Pages;

/// <summary>For strangers; who is signed in goes to their first desk.</summary>
public sealed class IndexModel(OpenDesk open) : PageModel
{
    /// <summary>The page.</summary>
    public IActionResult OnGet() => User.Holdfast() is { } me ? Redirect($"/d/{Uri.EscapeDataString(open.All(me)[0].Key)}") : Page();
}
