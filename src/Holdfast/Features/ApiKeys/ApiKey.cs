using System.Security.Cryptography;
using System.Text;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.ApiKeys;

/// <summary>What lets a program act for a workspace, in its maker's name. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record ApiKey
{
    /// <summary>Live keys of one workspace at most: a person has to be able to read the list.</summary>
    public const int Most = 50;

    public const int LongestName = 60;

    public required string WorkspaceId { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary><see cref="ApiScope"/>s joined by spaces.</summary>
    public required string Scopes { get; init; }

    public byte[] SecretHash { get; init; } = [];

    /// <summary>Which key of the key file the hash was made with.</summary>
    public string KeyId { get; init; } = "";

    /// <summary>Its first characters, by which people recognise it.</summary>
    public required string BeginsWith { get; init; }

    /// <summary>Account id.</summary>
    public required string MadeBy { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>Null where the settings allow a key without an end.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Network address.</summary>
    public string? LastUsedFrom { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public IReadOnlyList<string> ScopeList => ApiScope.Sort(Scopes.Split(' '));

    public bool Has(string scope) => scope == ApiScope.Any || ScopeList.Contains(scope, StringComparer.Ordinal);

    /// <summary>Null while it is neither revoked nor at its end.</summary>
    public Refusal? WhyOver(DateTimeOffset now) => RevokedAt is not null ? ApiKeyRefusals.Revoked : now >= EndsAt ? ApiKeyRefusals.Ended : null;

    /// <summary>
    /// Null while its maker still stands behind it: a member since before it was made, not suspended, who may manage keys. Somebody who left and came back begins anew, without the keys of before.
    /// </summary>
    public Refusal? WhyUnbacked(Membership? maker) =>
        maker is { SuspendedAt: null } && maker.WorkspaceId == WorkspaceId && maker.Since <= MadeAt && maker.Rights.Allows(Permission.ApiKeysManage) ? null : ApiKeyRefusals.MakerGone;

    /// <summary>
    /// The maker's membership with nothing left but what the key is for and the maker may at this moment. It stands with members, however high the maker stands: so it touches nobody and gives nothing that carries power over others.
    /// </summary>
    public Membership Limit(Membership maker)
    {
        var left = ScopeList.Select(ApiScope.PermissionFor).Where(maker.Rights.Allows);
        return maker with { Role = "api-key", RoleName = "", RolePermissions = string.Join(' ', left) };
    }
}

/// <summary>How a key is written: <c>hf_key_</c>, 256 random bits in base64url, and six hexadecimal digits over both, so that scanners for lost secrets know a real one from a mistyped one.</summary>
public static class ApiKeyText
{
    public const string Prefix = "hf_key_";

    private const int CheckDigits = 6;

    public static string New()
    {
        var body = Prefix + SecretToken.New().Reveal();
        return body + Check(body);
    }

    /// <summary>What people see of it later.</summary>
    public static string Beginning(string text) => text[..(Prefix.Length + 4)];

    public static bool IsWellFormed(string text) => text.Length == Prefix.Length + SecretToken.TextLength + CheckDigits && text.StartsWith(Prefix, StringComparison.Ordinal)
        && SecretToken.TryHash(text.AsSpan(Prefix.Length, SecretToken.TextLength), out _) && Check(text[..^CheckDigits]) == text[^CheckDigits..];

    /// <summary>The first digits of the SHA-256 of all that stands before.</summary>
    private static string Check(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(body)))[..CheckDigits];

    /// <summary>What the request shows as a key: in the Authorization header (RFC 6750 §2.1) and nowhere else. Null when it shows none, or another kind of token.</summary>
    public static string? In(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var text = header[Scheme.Length..].Trim();
        return text.StartsWith(Prefix, StringComparison.Ordinal) ? text : null;
    }

    /// <summary>Under each key of the key file, the newest first.</summary>
    public static IReadOnlyList<byte[]> Hashes(KeyRing keys, string text) => keys.HashWithEach("api key", text);
}

public static class ApiKeyRefusals
{
    public static readonly Refusal Unknown = new("api_key.unknown", 401);
    public static readonly Refusal Revoked = new("api_key.revoked", 401);
    public static readonly Refusal Ended = new("api_key.ended", 401);
    public static readonly Refusal MakerGone = new("api_key.maker_gone", 401);
    public static readonly Refusal ScopeMissing = new("api_key.scope_missing", 403);
    public static readonly Refusal NotHere = new("api_key.not_here", 403);
    public static readonly Refusal NoneShown = new("api_key.none_shown", 403);
    public static readonly Refusal NotFound = new("api_key.not_found", 404);
    public static readonly Refusal ScopeUnknown = new("api_key.scope_unknown", 400, "scopes");
    public static readonly Refusal ScopeEmpty = new("api_key.scope_empty", 400, "scopes");
    public static readonly Refusal MoreThanYours = new("api_key.more_than_yours", 403, "scopes");
    public static readonly Refusal TooMany = new("api_key.too_many", 409, Args: ApiKey.Most);
}
