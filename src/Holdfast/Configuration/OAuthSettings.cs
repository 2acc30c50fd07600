using Holdfast.Features.OAuth;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Configuration;

/// <summary>A scope of the product's own, and how the page that asks for consent says it.</summary>
public sealed record ProductScope(string Name, string Words);

/// <summary>An application that the settings register, with its secrets.</summary>
/// <param name="Secrets">Empty for one that runs on the person's device; else the secret, and the one before it while both serve.</param>
public sealed record ClientOfSettings(OAuthClient Client, IReadOnlyList<string> Secrets);

/// <summary>Signing in to applications with the account here (OAuth 2.1, OpenID Connect).</summary>
public sealed record OAuthSettings(TimeSpan AccessTokenLifetime, TimeSpan KeyRotation, TimeSpan SecretOverlap, TimeSpan GiveUpAfter, IReadOnlyList<ProductScope> Scopes, IReadOnlyList<ClientOfSettings> Clients)
{
    /// <summary>Shorter ones could be guessed; 43 characters of base64 are 256 bits.</summary>
    private const int ShortestSecret = 32;

    /// <summary>Every scope that there is, in the order in which pages show them.</summary>
    public IReadOnlyList<string> AllScopes { get; } = [.. Scope.BuiltIn, .. Scopes.Select(s => s.Name)];

    internal static OAuthSettings Read(SettingsReader r, ProductSettings product)
    {
        var lifetime = r.Time("OAuth:AccessTokenLifetime", "5m", "1m", "10m", "How long an application's access token serves; it ends with the session in any case");
        var rotation = r.Time("OAuth:KeyRotation", "90d", "2d", "365d", "How long one key signs; the next is published a day before it does");
        var overlap = r.Time("OAuth:SecretOverlap", "7d", "0s", "90d", "How long an application's old secret serves beside a new one");
        var giveUp = r.Time("OAuth:LogoutGiveUpAfter", "2d", "1m", "14d", "How long an application that does not answer is told again that somebody signed out");
        r.Describe("OAuth:Scopes:NAME", "text, up to 100 characters", "none", "A scope of the product's own, and how people are asked for it: \"Read your bookings\"");
        var scopes = r.Names("OAuth:Scopes").Select(name => ReadScope(r, name)).ToList();
        foreach (var (name, range, fallback, what) in ClientKeys) r.Describe($"OAuth:Clients:ID:{name}", range, fallback, what);
        string[] known = [.. Scope.BuiltIn, .. scopes.Select(s => s.Name)];
        var clients = r.Names("OAuth:Clients").Select(id => ReadClient(r, id, known, product)).ToList();
        return new OAuthSettings(lifetime, rotation, overlap, giveUp, scopes, clients);
    }

    private static readonly (string Name, string Range, string Default, string What)[] ClientKeys =
    [
        ("Name", "text, up to 60 characters", "must be set", "An application that people sign in to with their account; ID is its client id"),
        ("Maker", "text, up to 60 characters", "Product:Name", "Who made it"),
        ("Own", "true or false", "true", "It is part of the product: people are not asked for consent, unless it runs on their device without a secret"),
        ("Redirects", "addresses, separated by commas", "must be set", "Where it has people sent, compared letter by letter; https, or this machine"),
        ("SignOuts", "addresses, separated by commas", "none", "Where it may have people sent after signing out"),
        ("Scopes", "names, separated by commas", "openid, profile, email, workspaces, offline_access", "What it may ask for"),
        ("Resources", "addresses, separated by commas", "none", "Addresses that it answers for: it may ask about tokens for these"),
        ("Secret", "text, 32 to 200 characters", "none", "Its secret; without one it runs on people's devices"),
        ("PreviousSecret", "text, 32 to 200 characters", "none", "The secret before, while both serve"),
        ("SecondFactor", "true or false", "false", "A second factor is always asked for"),
        ("LogoutAddress", "https address", "none", "Where it is told of sessions that are over (back-channel logout)"),
    ];

    private static ProductScope ReadScope(SettingsReader r, string name)
    {
        if (!Scope.IsWellFormed(name) || Scope.BuiltIn.Contains(name, StringComparer.OrdinalIgnoreCase)) throw new SettingsException($"OAuth:Scopes:{name}", "a scope's name is up to 60 letters, digits, dots, dashes, slashes and underscores, and none of openid, profile, email, workspaces, offline_access");
        return new ProductScope(name, r.Undescribed.Text($"OAuth:Scopes:{name}", "", "", 100));
    }

    private static ClientOfSettings ReadClient(SettingsReader reader, string id, IReadOnlyCollection<string> known, ProductSettings product)
    {
        var (at, r) = ($"OAuth:Clients:{id}", reader.Undescribed);
        if (!ClientIds.IsWellFormed(id)) throw new SettingsException(at, "a client id is 2 to 60 lower-case letters, digits and dashes");
        string[] secrets = [.. new[] { r.Secret($"{at}:Secret", "", ""), r.Secret($"{at}:PreviousSecret", "", "") }.OfType<string>()];
        if (r.Secret($"{at}:Secret", "", "") is null && secrets.Length > 0) throw new SettingsException($"{at}:PreviousSecret", "needs a Secret that follows it");
        if (secrets.Any(s => s.Length is < ShortestSecret or > 200 || s.Any(c => c is <= ' ' or > '~'))) throw new SettingsException($"{at}:Secret", $"must be {ShortestSecret} to 200 printable characters without spaces. Make one with: openssl rand -base64 32");
        var form = new ClientForm(
            r.Text($"{at}:Name", "", ""), r.Text($"{at}:Maker", product.Name, ""), r.Flag($"{at}:Own", true, ""), secrets.Length > 0, r.List($"{at}:Redirects", "", ""), r.List($"{at}:SignOuts", "", ""),
            r.List($"{at}:Scopes", string.Join(", ", Scope.BuiltIn), "", ""), r.List($"{at}:Resources", "", ""), r.Flag($"{at}:SecondFactor", false, ""), r.Optional($"{at}:LogoutAddress", "", ""));
        if (form.WhyNot(known)?.Each is [var wrong, ..]) throw new SettingsException($"{at}:{KeyOf(wrong.Field!)}", Problems.Message(wrong, Texts.Text.English).TrimEnd('.'));
        return new ClientOfSettings(form.Make(id, DateTimeOffset.UnixEpoch) with { IsFromSettings = true }, secrets);
    }

    private static string KeyOf(string field) => char.ToUpperInvariant(field[0]) + field[1..];
}
