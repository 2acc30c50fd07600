using Holdfast.Configuration;

namespace Holdfast.Web;

/// <summary>The product's colour and mark, from the settings. The stylesheet derives every shade from the one colour.</summary>
public static class Brand
{
    public static void Map(IEndpointRouteBuilder app, ProductSettings product)
    {
        var open = new OpenToAllAttribute();
        var css = product.Color is { } color ? $":root {{ --brand: {color}; }}\n" : "";
        app.MapGet("/brand.css", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=3600";
            return Results.Text(css, "text/css; charset=utf-8");
        }).WithMetadata(open).ExcludeFromDescription();
        if (product.LogoPath is not { } logo) return;
        var (bytes, type) = (File.ReadAllBytes(logo), Path.GetExtension(logo) == ".svg" ? "image/svg+xml" : "image/png");
        app.MapGet("/brand/logo", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=3600";
            // A drawing opened by itself must not run anything.
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
            return Results.Bytes(bytes, type);
        }).WithMetadata(open).ExcludeFromDescription();
    }
}
