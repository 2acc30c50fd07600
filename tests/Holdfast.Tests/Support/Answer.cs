using System.Net;
using System.Text.Json;
using Xunit;

namespace Holdfast.Tests.Support;

/// <summary>What the server answered.</summary>
public sealed class Answer(HttpStatusCode status, IReadOnlyDictionary<string, string[]> headers, byte[] body, string where, LogCapture? faults = null)
{
    public int Status { get; } = (int)status;

    /// <summary>What the server's log says about a fault of its own.</summary>
    public string? Faults { get; } = faults?.Errors;

    /// <summary>Every header with its values; names in any case.</summary>
    public IReadOnlyDictionary<string, string[]> Headers { get; } = headers;

    public byte[] Bytes { get; } = body;

    public string Body { get; } = System.Text.Encoding.UTF8.GetString(body);

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    public string? ContentType => Header("Content-Type");

    public string? Location => Header("Location");

    /// <summary>The permanent code of a problem; null when it is none.</summary>
    public string? Code => ContentType?.StartsWith("application/problem+json", StringComparison.Ordinal) == true ? Json.GetProperty("code").GetString() : null;

    /// <summary>Fields and codes of a problem, such as "email:form.email".</summary>
    public string Errors => Json.TryGetProperty("errors", out var errors)
        ? string.Join(' ', errors.EnumerateArray().Select(e => $"{e.GetProperty("field").GetString()}:{e.GetProperty("code").GetString()}")) : "";

    public IReadOnlyList<string> SetCookies => Headers.GetValueOrDefault("Set-Cookie") ?? [];

    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? string.Join(", ", values) : null;

    /// <summary>The whole Set-Cookie line of one cookie; null when it was not set.</summary>
    public string? SetCookie(string name) => SetCookies.SingleOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal));

    public override string ToString() => $"{where} {Status} {string.Join("; ", Headers.Select(h => $"{h.Key}: {string.Join(", ", h.Value)}"))} {Faults}";

    public Answer Expect(int status, string? code = null)
    {
        Assert.True(status == Status && (code is null || code == Code), $"{where} answered {Status} {Code}, not {status} {code}:\n{(Body.Length > 2000 ? Body[..2000] : Body)}\n{Faults}");
        return this;
    }
}
