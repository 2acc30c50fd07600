using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Holdfast.Features.OAuth;

/// <summary>A "no" to an application, in the words of the standards (RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6). The description is for its makers, and tells nothing of people.</summary>
public sealed record OAuthError(string Code, string Description, int Status = 400)
{
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>It tried with the Authorization header: then the answer says which scheme there is (RFC 6749 §5.2).</summary>
    public bool ByHeader { get; init; }

    public static OAuthError Request(string description) => new("invalid_request", description);

    public static OAuthError Grant(string description) => new("invalid_grant", description);

    public static OAuthError Client(bool byHeader) => new("invalid_client", "the client is unknown, or did not show that it is this one", 401) { ByHeader = byHeader };

    public static OAuthError Wait(TimeSpan wait) => new("invalid_client", "too many wrong secrets; try again later", 429) { RetryAfter = wait };

    /// <summary>As the token endpoint and its like answer (RFC 6749 §5.2).</summary>
    public IResult Answer() => new ErrorResult(this);

    private sealed class ErrorResult(OAuthError error) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = error.Status;
            if (error.RetryAfter is { } wait) response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            if (error is { Status: 401, ByHeader: true }) response.Headers.WWWAuthenticate = "Basic realm=\"oauth\"";
            return OAuthJson.Write(response, new JsonObject { ["error"] = error.Code, ["error_description"] = error.Description });
        }
    }
}

/// <summary>What a call of an application comes to: its result, or an error.</summary>
public readonly struct OAuthOutcome<T>
{
    private readonly T _value;

    private OAuthOutcome(T value, OAuthError? error) => (_value, Error) = (value, error);

    public OAuthError? Error { get; }

    [MemberNotNullWhen(false, nameof(Error))]
    public bool Ok => Error is null;

    /// <exception cref="InvalidOperationException">It was refused: a caller forgot to look.</exception>
    public T Value => Error is null ? _value : throw new InvalidOperationException($"Refused: {Error.Code}");

    public static implicit operator OAuthOutcome<T>(T value) => new(value, null);

    public static implicit operator OAuthOutcome<T>(OAuthError error) => new(default!, error);
}
