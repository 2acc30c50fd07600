using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Holdfast.Features.OAuth;

/// <summary>JSON as the standards name its members, and JSON for tokens.</summary>
internal static class OAuthJson
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Task Write(HttpResponse response, JsonObject body)
    {
        response.ContentType = "application/json; charset=utf-8";
        // RFC 6749 §5.1, for caches that know HTTP/1.0 alone. Cache-Control: no-store stands on every answer.
        response.Headers.Pragma = "no-cache";
        return response.WriteAsync(body.ToJsonString(Options));
    }

    internal static IResult Answer(JsonObject body) => new Result(body);

    internal static string Encode(JsonObject json) => Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(Options)));

    internal static JsonArray List(IEnumerable<string> values) => [.. values.Select(v => JsonValue.Create(v))];

    private sealed class Result(JsonObject body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => Write(httpContext.Response, body);
    }
}
