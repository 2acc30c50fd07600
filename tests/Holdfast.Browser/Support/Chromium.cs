using Holdfast.Tests.Support;
using Microsoft.Playwright;

namespace Holdfast.Browser.Support;

/// <summary>One Chromium for all stories; each story opens browsers of its own in it, with nothing in common.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Chromium> Start()
    {
        var playwright = await Playwright.CreateAsync();
        return new Chromium(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Headless = true, Args = Arguments }));
    }

    /// <summary>A browser that has never been here: an empty profile, a language, a time zone.</summary>
    /// <param name="proxy">Where the server is reached through one.</param>
    public async Task<Onlooker> Open(TestApp app, bool script = true, int width = 1280, ColorScheme scheme = ColorScheme.Light, Uri? proxy = null, string locale = "en-GB")
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = proxy?.ToString() ?? $"http://localhost:{app.Address.Port}", IgnoreHTTPSErrors = proxy is not null, ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme,
            JavaScriptEnabled = script, Locale = locale, TimezoneId = "Europe/Paris", ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(15_000);
        return new Onlooker(context, await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>Somebody at a browser: what they see, and what the browser complained about meanwhile.</summary>
public sealed class Onlooker : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    internal Onlooker(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.PageError += (_, error) => _complaints.Add(error);
        // A refused page is an answer we may want; a blocked script or style never is.
        page.Console += (_, message) => { if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal)) _complaints.Add(message.Text); };
    }

    public IPage Page { get; }

    /// <summary>Errors of scripts and of the content security policy.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public async Task SignIn(string email, string password, bool keep = false)
    {
        await Page.GotoAsync("/sign-in");
        await Page.GetByLabel("E-mail address").FillAsync(email);
        await Page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        if (keep) await Page.GetByLabel("Keep me signed in").CheckAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    /// <summary>Folder for pictures, when <c>HOLDFAST_SCREENSHOTS</c> names one.</summary>
    public static string? Album => Environment.GetEnvironmentVariable("HOLDFAST_SCREENSHOTS") is { Length: > 0 } folder ? folder : null;

    /// <summary>A second tab of the same browser.</summary>
    public Task<IPage> Another() => _context.NewPageAsync();

    /// <summary>Keeps a picture when <c>HOLDFAST_SCREENSHOTS</c> names a folder.</summary>
    public async Task Photograph(string name)
    {
        if (Album is { } folder) await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();
}
