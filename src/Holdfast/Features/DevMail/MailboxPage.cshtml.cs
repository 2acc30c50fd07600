using Holdfast.Mail;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.DevMail;

[OpenToAll]
public sealed class MailboxPage(Mailbox mailbox) : HoldfastPage
{
    public IReadOnlyList<(MailboxRow Row, Letter Letter)> Letters { get; private set; } = [];

    public (MailboxRow Row, Letter Letter)? Open { get; private set; }

    public string Form { get; private set; } = "html";

    public async Task<IActionResult> OnGetAsync(string? id, string? form)
    {
        if (!mailbox.IsOpenTo(HttpContext)) return await RefuseWhole(new Refusal("request.not_found", 404));
        Form = form == "text" ? "text" : "html";
        Letters = await mailbox.List();
        Open = id is null ? (Letters.Count > 0 ? Letters[0] : null) : await mailbox.Read(id);
        if (id is not null && Open is null) return await RefuseWhole(new Refusal("request.not_found", 404));
        if (Open is { } open) await mailbox.MarkRead(open.Row.Id);
        return Page();
    }

    public async Task<IActionResult> OnPostEmptyAsync()
    {
        if (!mailbox.IsOpenTo(HttpContext)) return await RefuseWhole(new Refusal("request.not_found", 404));
        await mailbox.Empty();
        return Redirect("/dev/mail");
    }

    /// <summary>The plain form in pieces, addresses of ours apart, so that the page can make links of them.</summary>
    public static IEnumerable<(string Text, bool IsLink)> WithLinks(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var bare = line.TrimEnd('\r');
            var isLink = (bare.StartsWith("https://", StringComparison.Ordinal) || bare.StartsWith("http://", StringComparison.Ordinal)) && Uri.TryCreate(bare, UriKind.Absolute, out _);
            yield return (bare, isLink);
            yield return ("\n", false);
        }
    }
}

/// <summary>The letter itself, in a frame that may run nothing.</summary>
public static class MailboxFrame
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/dev/mail/{id}", async (string id, HttpContext context, Mailbox mailbox) =>
    {
        if (!mailbox.IsOpenTo(context) || await mailbox.Read(id) is not { } found) return Api.Refuse(new Refusal("request.not_found", 404));
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";
        context.Response.Headers.XFrameOptions = "SAMEORIGIN";
        // Links of a letter open in the window around it.
        return Results.Text(found.Letter.Html.Replace("<head>", "<head><base target=\"_top\">", StringComparison.Ordinal), "text/html; charset=utf-8");
    }).WithMetadata(new OpenToAllAttribute()).ExcludeFromDescription();
}
