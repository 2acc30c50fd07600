using Holdfast.Features.Sessions;

namespace Holdfast.Features.OAuth;

/// <summary>How well somebody has proven who they are, in the values that applications ask for and are told (OpenID Connect Core §2; RFC 8176). Rules only.</summary>
public static class Acr
{
    /// <summary>One factor: a password, or a link.</summary>
    public const string One = "urn:holdfast:acr:1fa";

    /// <summary>A second factor was proven in this session: a code of an app, a recovery code, or a passkey. A remembered browser does not count.</summary>
    public const string Two = "urn:holdfast:acr:2fa";

    public static readonly IReadOnlyList<string> All = [One, Two];

    public static string Of(Session session) => session.SecondProvenAt is null ? One : Two;

    /// <summary>The <c>amr</c> values, joined by spaces; empty when there is no value for how it was done (a link).</summary>
    public static string Amr(Session session)
    {
        string[] methods = [.. $"{session.SignedInWith} {session.ProvenWith} {session.SecondProvenWith}".Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
        var values = methods.Select(method => method switch { ProofMethod.Password => "pwd", ProofMethod.Totp or ProofMethod.RecoveryCode => "otp", ProofMethod.Passkey => "pop", _ => "" }).Where(value => value.Length > 0);
        return string.Join(' ', (session.SecondProvenAt is null ? values : values.Append("mfa")).Distinct(StringComparer.Ordinal));
    }
}
