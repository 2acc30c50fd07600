namespace Holdfast.Web;

/// <summary>Addresses that browsers and password managers know (RFC 8615).</summary>
public static class WellKnown
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var open = new OpenToAllAttribute();
        app.MapGet("/.well-known/change-password", () => Results.Redirect("/account/security#password")).WithMetadata(open).ExcludeFromDescription();
        // How a password manager finds out that the line above means something (W3C change-password-url): this must be 404.
        app.MapGet("/.well-known/{**rest}", () => Results.NotFound()).WithMetadata(open).ExcludeFromDescription();
        app.MapGet("/", () => Results.Redirect(ReturnAddress.Home)).WithMetadata(open).ExcludeFromDescription();
    }
}
