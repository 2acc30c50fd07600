using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Features.OAuth;

/// <summary>Scopes as people read them. The product's own are in the settings, in the product's words.</summary>
public sealed class OAuthWords(HoldfastSettings settings)
{
    private readonly Dictionary<string, string> _own = settings.OAuth.Scopes.ToDictionary(s => s.Name, s => s.Words, StringComparer.Ordinal);

    /// <summary>On the page that asks: a glyph, what it may do, and a smaller line about it.</summary>
    public (string Icon, string Words, string? More) Consent(string scope, bool firstParty, Text t) => firstParty && scope == Scope.Workspaces
        // Ours see all of them.
        ? ("workspace", t["oauth.scope.workspaces.all"], t["oauth.scope.workspaces.all.more"])
        : _own.TryGetValue(scope, out var words)
        ? ("eye", words.Length > 0 ? words : scope, null)
        : (scope switch { Scope.OpenId => "user", Scope.Profile => "user", Scope.Email => "mail", Scope.Workspaces => "workspace", _ => "clock" }, t[$"oauth.scope.{scope}"], t[$"oauth.scope.{scope}.more"]);

    /// <summary>What an application may do, in a few words each.</summary>
    public IEnumerable<string> Of(AllowedApplication app, Text t) => Of(app.Grant, app.Workspace, t);

    /// <param name="workspace">Name of the one that it sees; null for none.</param>
    public IEnumerable<string> Of(Grant grant, string? workspace, Text t) =>
    [
        .. Scope.Split(grant.Scopes).Where(s => s != Scope.OpenId || !Scope.Has(grant.Scopes, Scope.Profile)).Select(s => s == Scope.Workspaces && workspace is not null ? t["oauth.scope.workspaces.brief_of", workspace] : Brief(s, t)),
        .. Scope.Split(grant.Resources).Select(api => t["apps.at", api]),
    ];

    /// <summary>In a list, in a few words.</summary>
    private string Brief(string scope, Text t) => _own.TryGetValue(scope, out var words) ? (words.Length > 0 ? words : scope) : t[$"oauth.scope.{scope}.brief"];
}
