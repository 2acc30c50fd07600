using System.Globalization;
using System.Net;
using Holdfast.Client;

namespace TenLines;

/// <summary>The product's pages, so that there is something to see. None of this is about signing in.</summary>
internal static class Pages
{
    public static IResult Home(HoldfastPerson? person) => person is null
        ? Page("Ten lines", "<p>Nobody is signed in here.</p><p><a href=\"/holdfast/sign-in\">Sign in</a></p>")
        : Page("Ten lines", $"""
            <p>Signed in as <strong>{Text(person.Name)}</strong> ({Text(person.Email)}), {(person.SecondFactor ? "with a second factor" : "with one factor")}.</p>
            <ul>{string.Concat(person.Workspaces.Select(w => $"<li>{Text(w.Name)}: {Text(w.RoleName ?? w.Role)}</li>"))}</ul>
            <p><a href="/orders">Orders</a> · <a href="/payouts">Payouts</a> (a second factor, at most ten minutes ago)</p>
            <form method="post" action="/holdfast/sign-out"><button>Sign out</button></form>
            """);

    public static IResult Orders(HoldfastPerson person) => Page("Orders", $"<p>The orders of {Text(person.Name)}.</p><p><a href=\"/\">Back</a></p>");

    public static IResult Payouts(HoldfastPerson person) =>
        Page("Payouts", $"<p>{Text(person.Name)} may pay out. Proven at {person.ProvenAt.ToString("HH:mm", CultureInfo.InvariantCulture)} UTC, by {Text(string.Join(", ", person.Methods))}.</p><p><a href=\"/\">Back</a></p>");

    private static IResult Page(string title, string body) => Results.Content($"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{title}</title>
          <style>body {"{ font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem } button { font: inherit; padding: .5rem 1rem; min-height: 2.75rem }"}</style>
        </head>
        <body><main><h1>{title}</h1>{body}</main></body>
        </html>
        """, "text/html; charset=utf-8");

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
