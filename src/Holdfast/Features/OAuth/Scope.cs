namespace Holdfast.Features.OAuth;

/// <summary>What an application may ask for. The product's own scopes come from the settings (<c>OAuth:Scopes:…</c>).</summary>
public static class Scope
{
    /// <summary>Who the person is: <c>sub</c>, and an id token.</summary>
    public const string OpenId = "openid";

    /// <summary>Name, language and time zone.</summary>
    public const string Profile = "profile";

    public const string Email = "email";

    /// <summary>The workspaces that the application may see, with the person's role in each.</summary>
    public const string Workspaces = "workspaces";

    /// <summary>A refresh token. It ends with the session like all others.</summary>
    public const string OfflineAccess = "offline_access";

    /// <summary>In the order in which pages show them.</summary>
    public static readonly IReadOnlyList<string> BuiltIn = [OpenId, Profile, Email, Workspaces, OfflineAccess];

    /// <summary>RFC 6749 §3.3: printable ASCII without space, quote and backslash; ours are shorter and plainer than that.</summary>
    public static bool IsWellFormed(string name) => name.Length is > 0 and <= 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':' or '/');

    public static IReadOnlyList<string> Split(string scopes) => scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static bool Has(string scopes, string scope) => Split(scopes).Contains(scope, StringComparer.Ordinal);

    /// <summary>Each once, the built-in ones first and in their order.</summary>
    public static string Join(IEnumerable<string> scopes)
    {
        string[] all = [.. scopes.Distinct(StringComparer.Ordinal)];
        return string.Join(' ', [.. BuiltIn.Where(s => all.Contains(s, StringComparer.Ordinal)), .. all.Where(s => !BuiltIn.Contains(s, StringComparer.Ordinal)).Order(StringComparer.Ordinal)]);
    }
}
