using System.Text;

namespace Holdfast.Features.OAuth;

/// <summary>A request to sign somebody in to an application, whose client and return address have been made sure of. Rules only.</summary>
/// <param name="Scopes">Joined by spaces; all of them are the application's to ask for.</param>
/// <param name="Resource">Whom the access token is for; empty for the application itself (RFC 8707).</param>
/// <param name="Prompt">none, login, consent, or several but none; empty when nothing was asked.</param>
/// <param name="MaxAge">How old the last proof may be; null for any.</param>
/// <param name="WantsTwo">A second factor is asked for; with <paramref name="TakesOne"/> false nothing else will do.</param>
public sealed record AuthorizeRequest(
    OAuthClient Client, string Redirect, string? State, string Scopes, string Resource, string Challenge, string? Nonce, IReadOnlyList<string> Prompt, TimeSpan? MaxAge, bool WantsTwo, bool TakesOne, string? HintedAccount, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    public bool Silent => Prompt.Contains("none", StringComparer.Ordinal);

    /// <summary>The same request again, as a path of ours, after somebody has signed in or proven themselves.</summary>
    /// <param name="proof">A mark that only proofs from then on count; null for none.</param>
    public string Path(string path, string? proof = null) => path + "?" + string.Join('&', Parameters.Where(p => p.Key != ProofMark.Parameter).Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}").Concat(proof is null ? [] : [$"{ProofMark.Parameter}={proof}"]));

    /// <summary>Where the browser goes with a code (RFC 6749 §4.1.2); <c>iss</c> tells the application who answers (RFC 9207 §2).</summary>
    public string WithCode(string code, string issuer) => Return(Redirect, [new("code", code)], State, issuer);

    public string WithError(OAuthError error, string issuer) => Error(Redirect, State, error, issuer);

    internal static string Error(string redirect, string? state, OAuthError error, string issuer) => Return(redirect, [new("error", error.Code), new("error_description", error.Description)], state, issuer);

    /// <summary>RFC 6749 §3.1.2: a query that the address has stays.</summary>
    internal static string Return(string address, IReadOnlyList<KeyValuePair<string, string>> parameters, string? state, string? issuer)
    {
        var all = new StringBuilder(address);
        var mark = address.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in parameters.Concat(state is null ? [] : [new("state", state)]).Concat(issuer is null ? [] : [new KeyValuePair<string, string>("iss", issuer)]))
        {
            all.Append(mark).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            mark = '&';
        }
        return all.ToString();
    }
}
