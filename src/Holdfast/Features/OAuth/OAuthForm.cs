using Microsoft.Extensions.Primitives;

namespace Holdfast.Features.OAuth;

/// <summary>The parameters of a call, each once (RFC 6749 §3.1, §3.2: none may come twice, one without a value counts as left out).</summary>
public sealed class OAuthForm
{
    private readonly Dictionary<string, string> _values;

    private OAuthForm(Dictionary<string, string> values) => _values = values;

    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Reads the body. Refuses with <c>invalid_request</c> when it is no form, or a parameter comes twice.</summary>
    public static async Task<OAuthOutcome<OAuthForm>> Read(HttpRequest request)
    {
        // Never from the address: it ends up in logs (RFC 6749 §2.3.1).
        if (request.QueryString.HasValue) return OAuthError.Request("parameters belong into the body");
        return await Posted(request) is { } form ? Read(form) : OAuthError.Request("the body must be application/x-www-form-urlencoded");
    }

    /// <summary>What was posted; null when it is no plain form, or has more fields than anybody needs.</summary>
    public static async Task<IFormCollection?> Posted(HttpRequest request)
    {
        if (!request.HasFormContentType || request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true) return null;
        try
        {
            return await request.ReadFormAsync();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Refuses with <c>invalid_request</c> when a parameter comes twice.</summary>
    public static OAuthOutcome<OAuthForm> Read(IEnumerable<KeyValuePair<string, StringValues>> parameters)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        // The framework's collections take upper and lower case for one: so does this, and a second spelling is a second time.
        foreach (var (name, given) in parameters)
        {
            if (given.Count > 1) return OAuthError.Request("a parameter comes twice");
            if (given.ToString() is { Length: > 0 } value) values[name] = value;
        }
        return new OAuthForm(values);
    }
}
