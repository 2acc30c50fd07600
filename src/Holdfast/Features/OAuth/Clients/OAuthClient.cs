namespace Holdfast.Features.OAuth;

/// <summary>An application that people sign in to with their account here. Rules only.</summary>
public sealed record OAuthClient
{
    public required string Id { get; init; }

    /// <summary>People see it when they are asked.</summary>
    public required string Name { get; init; }

    public required string Maker { get; init; }

    /// <summary>Ours: no consent.</summary>
    public bool FirstParty { get; init; }

    /// <summary>Runs on a server and has a secret; else it runs on the person's device and has none (RFC 6749 §2.1).</summary>
    public bool Confidential { get; init; }

    /// <summary>Joined by line ends.</summary>
    public required string Redirects { get; init; }

    /// <summary>Where people may be sent after signing out; joined by line ends.</summary>
    public string SignOuts { get; init; } = "";

    /// <summary>What it may ask for; joined by spaces.</summary>
    public required string Scopes { get; init; }

    /// <summary>Addresses that it answers for (RFC 8707): tokens for these are its to ask about. Joined by spaces.</summary>
    public string Resources { get; init; } = "";

    /// <summary>A second factor is always asked for.</summary>
    public bool SecondFactor { get; init; }

    /// <summary>Where it is told of sessions that are over (OpenID Connect Back-Channel Logout 1.0).</summary>
    public string? LogoutAddress { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>It stands in the settings: pages show it, and change nothing.</summary>
    public bool IsFromSettings { get; init; }

    public bool IsOn => DisabledAt is null;

    public IReadOnlyList<string> RedirectList => Lines(Redirects);

    public IReadOnlyList<string> SignOutList => Lines(SignOuts);

    public IReadOnlyList<string> ScopeList => Scope.Split(Scopes);

    public IReadOnlyList<string> ResourceList => Scope.Split(Resources);

    /// <summary>Tokens that it got as it is now would be too much for what it becomes.</summary>
    public bool MayMoreThan(OAuthClient next) => ScopeList.Any(scope => !next.ScopeList.Contains(scope, StringComparer.Ordinal)) || (FirstParty && !next.FirstParty) || (!SecondFactor && next.SecondFactor);

    public bool Allows(string redirect) => RedirectAddress.IsRegistered(redirect, RedirectList, native: !Confidential);

    /// <summary>Whether a token of this audience is this application's to ask about: it was issued to it and for nobody else, or for an address that it answers for.</summary>
    /// <param name="resource">Empty for a token for the application that it was issued to.</param>
    public bool IsAudience(string clientId, string resource) => resource.Length == 0 ? clientId == Id : ResourceList.Contains(resource, StringComparer.Ordinal);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
