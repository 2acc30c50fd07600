using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Errors;

/// <summary>The page for a refusal that no other page can show. Opened by its address it is nothing, and says so.</summary>
[OpenToAll, OpenWhileEnrolling, OpenWhileClosing]
public sealed class ErrorPage : HoldfastPage
{
    public ShownProblem Problem { get; private set; } = new(new Refusal("request.not_found", 404), "");

    public IActionResult OnGet()
    {
        if (HttpContext.Features.Get<ShownProblem>() is { } shown) Problem = shown;
        Response.StatusCode = Problem.Refusal.Status;
        return Page();
    }
}
