using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Parser;

namespace Holdfast.Tests.Support;

/// <summary>
/// Somebody with a browser, or a program, with cookies of their own. The jar is ours because HttpClient withholds Secure cookies over http, which browsers send to this machine.
/// </summary>
public sealed class Visitor(HttpClient http, LogCapture logs)
{
    public const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    public const string Chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    public const string Iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

    public const string SessionCookie = "__Host-holdfast";
    public const string DeviceCookie = "__Host-holdfast-device";
    public const string PendingCookie = "__Host-holdfast-pending";

    private readonly Lock _gate = new();

    public string UserAgent { get; set; } = Firefox;

    /// <summary>What a proxy in front would say the visitor's address is; null when there is none.</summary>
    public string? ForwardedFor { get; set; }

    /// <summary>Sent with every request.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>The session's token, as a thief of cookies would have it.</summary>
    public string Token => Cookies[SessionCookie];

    /// <summary>A second browser with copies of all cookies.</summary>
    public Visitor Copy()
    {
        var copy = new Visitor(http, logs) { UserAgent = UserAgent, ForwardedFor = ForwardedFor };
        foreach (var (name, value) in Cookies) copy.Cookies[name] = value;
        foreach (var (name, value) in Headers) copy.Headers[name] = value;
        return copy;
    }

    public Task<Answer> Get(string path) => Send(HttpMethod.Get, path, null);

    public Task<Answer> Post(string path, object? body = null) => Send(HttpMethod.Post, path, body is null ? null : Json(body));

    public Task<Answer> Patch(string path, object body) => Send(HttpMethod.Patch, path, Json(body));

    public Task<Answer> Delete(string path) => Send(HttpMethod.Delete, path, null);

    public Task<Answer> SignIn(string email, string password, bool keep = false) => Post("/api/v1/sign-in", new { email, password, keep });

    public Task<Answer> StepUp(string password) => Post("/api/v1/step-up", new { password });

    /// <summary>The second step of a sign-in.</summary>
    public Task<Answer> Verify(string code, string method = "totp") => Post("/api/v1/sign-in/verify", new { code, method });

    public Task<Answer> StepUpBy(string code, string method = "totp") => Post("/api/v1/step-up", new { code, method });

    public Task<Answer> TurnOff(string code) => Post("/api/v1/two-factor/turn-off", new { code });

    public Task<Answer> ChangePassword(string current, string next, bool signOutOthers = true) =>
        Post("/api/v1/password", new { currentPassword = current, newPassword = next, signOutOthers });

    /// <summary>Ids of the live sessions, this one first.</summary>
    public async Task<IReadOnlyList<string>> Sessions() =>
        [.. (await Get("/api/v1/sessions")).Expect(200).Json.GetProperty("live").EnumerateArray().Select(s => s.GetProperty("id").GetString()!)];

    /// <summary>Events of one's own, newest first.</summary>
    public async Task<IReadOnlyList<string>> Activity(string query = "") =>
        [.. (await Get("/api/v1/activity" + query)).Expect(200).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("kind").GetString()!)];

    /// <summary>Opens a page and follows redirects, as browsers do.</summary>
    public async Task<VisitedPage> Open(string path)
    {
        var answer = await Get(path);
        for (var hops = 0; answer.Status is 301 or 302 or 303 or 307 && hops < 10; hops++)
        {
            path = Within(answer.Location!);
            answer = await Get(path);
        }
        return new VisitedPage(this, path, answer, await new HtmlParser().ParseDocumentAsync(answer.Body));
    }

    /// <summary>Sends a form as browsers do, and follows redirects.</summary>
    internal async Task<VisitedPage> Submit(string path, bool post, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        using var content = new FormUrlEncodedContent(fields);
        if (!post) return await Open($"{path.Split('?')[0]}?{await content.ReadAsStringAsync()}");
        var answer = await Send(HttpMethod.Post, path, content);
        if (answer.Status is 301 or 302 or 303) return await Open(Within(answer.Location!));
        return new VisitedPage(this, path, answer, await new HtmlParser().ParseDocumentAsync(answer.Body));
    }

    internal async Task<VisitedPage> SubmitFile(string path, IReadOnlyList<KeyValuePair<string, string>> fields, string field, string fileName, string text)
    {
        using var content = new MultipartFormDataContent();
        foreach (var (name, value) in fields) content.Add(new StringContent(value), name);
        content.Add(new StringContent(text), field, fileName);
        var answer = await Send(HttpMethod.Post, path, content);
        return new VisitedPage(this, path, answer, await new HtmlParser().ParseDocumentAsync(answer.Body));
    }

    /// <summary>Opens the stream that tells when the session ends, as an open page does.</summary>
    public async Task<EventStream> Listen()
    {
        using var request = Request(HttpMethod.Get, "/api/v1/session/stream", null);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"The stream answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return await EventStream.Of(response);
    }

    public async Task<Answer> Send(HttpMethod method, string path, HttpContent? content, Action<HttpRequestMessage>? prepare = null)
    {
        using var request = Request(method, path, content);
        prepare?.Invoke(request);
        using var response = await http.SendAsync(request);
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).ToDictionary(h => h.Key, h => h.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        var answer = new Answer(response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync(), $"{method} {path}", response.StatusCode >= System.Net.HttpStatusCode.InternalServerError ? logs : null);
        foreach (var line in answer.SetCookies) Keep(line);
        return answer;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        if (path.StartsWith("/api/", StringComparison.Ordinal)) request.Headers.Add("X-Holdfast-Request", "1");
        if (ForwardedFor is not null) request.Headers.Add("X-Forwarded-For", ForwardedFor);
        foreach (var (name, value) in Headers) request.Headers.TryAddWithoutValidation(name, value);
        lock (_gate)
        {
            if (Cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        }
        return request;
    }

    public static HttpContent Json(object body) => Raw(JsonSerializer.Serialize(body, JsonSerializerOptions.Web));

    public static HttpContent Raw(string text, string type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private void Keep(string line)
    {
        var parts = line.Split(';', StringSplitOptions.TrimEntries);
        var (name, value) = (parts[0][..parts[0].IndexOf('=', StringComparison.Ordinal)], parts[0][(parts[0].IndexOf('=', StringComparison.Ordinal) + 1)..]);
        lock (_gate)
        {
            if (parts.Any(p => p.Equals("max-age=0", StringComparison.OrdinalIgnoreCase)) || value.Length == 0) Cookies.Remove(name);
            else Cookies[name] = value;
        }
    }

    private static string Within(string location) => location.StartsWith('/') ? location : throw new InvalidOperationException($"Sent away to {location}");
}
