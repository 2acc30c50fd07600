using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Client;

/// <summary>Who is signed in, as Holdfast said it last (at most <see cref="HoldfastOptions.CheckEvery"/> ago). <c>User.Holdfast()</c> makes it from the claims.</summary>
public sealed record HoldfastPerson
{
    /// <summary>The account's id (<c>sub</c>): the same for good, whatever name and address become. Keep this with what belongs to the person.</summary>
    public required string Id { get; init; }

    /// <summary>Name, as people see it.</summary>
    public required string Name { get; init; }

    /// <summary>E-mail address, confirmed. It may change, and another account may have it later: no key.</summary>
    public required string Email { get; init; }

    /// <summary>The person's language, such as <c>it</c>; null while it is not known.</summary>
    public string? Language { get; init; }

    /// <summary>The person's time zone, such as <c>Europe/Rome</c>; null while it is not known.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The session at Holdfast (<c>sid</c>).</summary>
    public required string SessionId { get; init; }

    /// <summary>A second factor was proven in the session when the person signed in here.</summary>
    public bool SecondFactor { get; init; }

    /// <summary>How it was proven (<c>amr</c>, RFC 8176): <c>pwd</c>, <c>otp</c>, <c>pop</c>, <c>mfa</c>.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>The last proof before the person came here (<c>auth_time</c>), by this machine's clock.</summary>
    public DateTimeOffset ProvenAt { get; init; }

    /// <summary>The person's workspaces that are not suspended for them. Roles and permissions hold in their own workspace and nowhere else, so they are no roles of ASP.NET Core.</summary>
    public IReadOnlyList<HoldfastWorkspace> Workspaces { get; init; } = [];

    /// <summary>The workspace with this id or slug; null when the person is not in it.</summary>
    public HoldfastWorkspace? Workspace(string idOrSlug) => Workspaces.FirstOrDefault(w => w.Id == idOrSlug) ?? Workspaces.FirstOrDefault(w => w.Slug == idOrSlug);

    internal static HoldfastPerson? Of(ClaimsPrincipal user)
    {
        if (user.Identities.FirstOrDefault(i => i.IsAuthenticated && i.AuthenticationType == HoldfastHandler.SchemeName) is not { } me) return null;
        string Text(string claim) => me.FindFirst(claim)?.Value ?? "";
        return new HoldfastPerson
        {
            Id = Text("sub"), Name = Text("name"), Email = Text("email"), Language = me.FindFirst("locale")?.Value, TimeZone = me.FindFirst("zoneinfo")?.Value, SessionId = Text("sid"), SecondFactor = Text("acr") == Demand.TwoFactors,
            Methods = [.. me.FindAll("amr").Select(c => c.Value)], ProvenAt = DateTimeOffset.FromUnixTimeSeconds(long.Parse(Text(Demand.ProvenAt), CultureInfo.InvariantCulture)),
            Workspaces = [.. me.FindAll("workspace").Select(c => JsonSerializer.Deserialize<HoldfastWorkspace>(c.Value)!)],
        };
    }
}

/// <summary>A workspace that the person is in.</summary>
public sealed record HoldfastWorkspace
{
    /// <summary>Its id, the same for good.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>How addresses spell it. It may change.</summary>
    [JsonPropertyName("slug")]
    public required string Slug { get; init; }

    /// <summary>Its name, as people see it.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary><c>owner</c>, <c>admin</c>, <c>member</c>, or the id of a role of its own.</summary>
    [JsonPropertyName("role")]
    public required string Role { get; init; }

    /// <summary>The name of a role of its own; null for the three that are built in.</summary>
    [JsonPropertyName("role_name")]
    public string? RoleName { get; init; }

    /// <summary>What the role carries, such as <c>users.view</c>.</summary>
    [JsonPropertyName("permissions")]
    public IReadOnlyList<string> Permissions { get; init; } = [];

    /// <summary>Whether the role carries a permission.</summary>
    public bool Can(string permission) => Permissions.Contains(permission, StringComparer.Ordinal);
}
