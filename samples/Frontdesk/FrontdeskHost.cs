using System.Reflection;
using System.Security.Claims;
using Frontdesk.Desks;
using Frontdesk.Erasing;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace Frontdesk;

/// <summary>The product: a receptionist that answers calls. Everything about signing in is <c>AddHoldfast</c> and <c>MapHoldfast</c>; everything about erasing is <c>MapHoldfastErasure</c>.</summary>
public static class FrontdeskHost
{
    /// <param name="args">Settings: <c>--Frontdesk:Port</c> (8090), <c>--Frontdesk:Data</c> (folder, <c>data</c>), and those of Holdfast.Client.</param>
    /// <param name="clock">Null takes the system's.</param>
    /// <param name="logging">Where the log goes; null for the console.</param>
    public static WebApplication Build(string[] args, TimeProvider? clock = null, Action<ILoggingBuilder>? logging = null)
    {
        // Its pages are in its own assembly, wherever it was started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ApplicationName = typeof(FrontdeskHost).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory });
        // What goes wrong at the start is one line of Program's; keys lie in a folder that is its owner's alone.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error)
            // Pages are not kept anyway: that antiforgery says so too is no news.
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error);
        logging?.Invoke(builder.Logging);
        var port = builder.Configuration.GetValue("Frontdesk:Port", 8090);
        var data = Directory.CreateDirectory(Path.GetFullPath(builder.Configuration["Frontdesk:Data"] ?? "data"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        if (clock is not null) builder.Services.AddSingleton(clock);
        builder.AddHoldfast(options =>
        {
            if (options.Authority.Length == 0) options.Authority = "http://localhost:8080";
            if (options.ClientId.Length == 0) options.ClientId = "frontdesk";
            options.PublicUrl ??= $"http://frontdesk.localhost:{port}";
        });
        builder.Services.AddDataProtection().SetApplicationName("Frontdesk").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(data, "keys")));
        builder.Services.AddSingleton(_ => new Db(Path.Combine(data, "frontdesk.db"))).AddSingleton(_ => new Recordings(Path.Combine(data, "recordings")));
        builder.Services.AddSingleton<SeedDesk>().AddSingleton<OpenDesk>().AddSingleton<ErasePerson>();
        // Holdfast asks again when our answer gets lost: it is kept beside the data that was erased.
        builder.Services.AddSingleton<IHoldfastWebhookLog, ErasureLog>();
        builder.Services.AddRazorPages();
        builder.Services.AddAntiforgery(options => (options.Cookie.Name, options.FormFieldName) = ("frontdesk-form", "form"));
        var app = builder.Build();
        var options = app.Services.GetRequiredService<IOptions<HoldfastOptions>>().Value;
        app.Services.GetRequiredService<Recordings>().KeepOnlyKnown(app.Services.GetRequiredService<Db>());
        app.Use((context, next) => Guard(context, next, options));
        // What is not there has a page, with a way back. Holdfast's own calls are between programs.
        app.UseStatusCodePagesWithReExecute("/lost");
        app.Use((context, next) =>
        {
            var path = context.Request.Path;
            if (path.StartsWithSegments("/hooks", StringComparison.Ordinal) || path.StartsWithSegments("/holdfast", StringComparison.Ordinal)) context.Features.Get<IStatusCodePagesFeature>()!.Enabled = false;
            return next(context);
        });
        app.MapHoldfast();
        app.MapHoldfastErasure("/hooks/holdfast", (person, services, _) => Task.FromResult(services.GetRequiredService<ErasePerson>().Run(person)));
        app.MapGet("/d/{desk}/calls/{id:long}/recording.wav", Recording).RequireHoldfast();
        Asset(app, "frontdesk.css", "text/css; charset=utf-8");
        Asset(app, "frontdesk.svg", "image/svg+xml");
        app.MapRazorPages();
        return app;
    }

    /// <summary>Where browsers find it.</summary>
    public static string AddressOf(WebApplication app) => app.Services.GetRequiredService<IOptions<HoldfastOptions>>().Value.PublicUrl!;

    private static Task Guard(HttpContext context, RequestDelegate next, HoldfastOptions options)
    {
        var headers = context.Response.Headers;
        // Signing out goes on to Holdfast, and browsers hold the whole way of a form to form-action.
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self' {new Uri(options.Authority).GetLeftPart(UriPartial.Authority)}; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        // Cookies are this name's: who comes by another one would be sent to and fro. Holdfast's own calls come by any.
        var asked = context.Request.Host.Value ?? "";
        if (HttpMethods.IsGet(context.Request.Method) && !asked.Equals(new Uri(options.PublicUrl!).Authority, StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Redirect(options.PublicUrl!.TrimEnd('/') + "/");
            return Task.CompletedTask;
        }
        return next(context);
    }

    private static IResult Recording(string desk, long id, ClaimsPrincipal user, OpenDesk open, Db db, Recordings recordings)
    {
        if (open.Run(user.Holdfast()!, desk) is not { } mine) return Results.NotFound();
        var name = db.Run(tx => tx.One<string>("SELECT recording FROM calls WHERE desk_id = @Id AND id = @id AND recording IS NOT NULL", new { mine.Id, id }));
        return name is not null && recordings.Open(name) is { } sound ? Results.Stream(sound, "audio/wav", enableRangeProcessing: true) : Results.NotFound();
    }

    private static void Asset(WebApplication app, string name, string type)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        app.MapGet("/" + name, (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "no-cache";
            return Results.Bytes(bytes, type);
        });
    }
}
