using System.Net;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Web;

public sealed class ProblemsTests
{
    private const string SignIn = "/api/v1/sign-in";

    private static Task<Answer> Raw(Visitor visitor, string text, string type = "application/json") => visitor.Send(HttpMethod.Post, SignIn, Visitor.Raw(text, type));

    [Theory, Engines]
    public async Task Problems_are_RFC_9457_with_a_permanent_code(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var answer = (await app.Visitor().SignIn("x", "")).Expect(400);
        Assert.Equal("application/problem+json; charset=utf-8", answer.ContentType);
        var problem = answer.Json;
        Assert.Equal("urn:holdfast:problem:sign_in.email_required", problem.GetProperty("type").GetString());
        Assert.Equal(400, problem.GetProperty("status").GetInt32());
        foreach (var name in new[] { "title", "detail", "code", "trace" }) Assert.NotEmpty(problem.GetProperty(name).GetString()!);
        Assert.All(problem.GetProperty("errors").EnumerateArray(), error => Assert.NotEmpty(error.GetProperty("message").GetString()!));
    }

    [Theory, Engines]
    public async Task JSON_that_is_broken_unknown_or_doubled_is_refused(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        string[] bodies =
        [
            "", "{", "[]", "null", "7", "\"text\"", "{\"email\":7,\"password\":\"x\"}", "{\"email\":\"a@b.example\"}", "{\"email\":null,\"password\":\"x\"}",
            "{\"email\":\"a@b.example\",\"password\":\"x\",\"keep\":\"yes\"}", "{\"email\":\"a@b.example\",\"password\":{}}",
            "{\"email\":\"a@b.example\",\"password\":\"x\",\"admin\":true}", "{\"email\":\"a@b.example\",\"password\":\"x\",\"email\":\"c@d.example\"}",
            "{\"email\":\"a@b.example\",\"password\":\"x\",\"Email\":\"c@d.example\"}", "{\"email\":\"a@b.example\",\"password\":\"x\"} trailing", "{\"email\":\"a@b.example\",\"password\":\"x\",}",
            "{/* remark */\"email\":\"a@b.example\",\"password\":\"x\"}", string.Concat(Enumerable.Repeat("[", 5000)), "{\"email\":\"\\ud800\",\"password\":\"x\"}",
        ];
        foreach (var body in bodies)
        {
            var answer = await Raw(visitor, body);
            Assert.True(answer is { Status: 400, Code: "request.malformed" }, $"{body[..Math.Min(body.Length, 80)]} gave {answer.Status} {answer.Code}\n{answer.Faults}");
        }
        (await visitor.Send(HttpMethod.Post, SignIn, new ByteArrayContent([0xFF, 0xFE, 0x00]) { Headers = { { "Content-Type", "application/json" } } })).Expect(400, "request.malformed");
        Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"email\":\"a@b.example\"}", "password request.missing")]
    [InlineData("{}", "email request.missing, password request.missing")]
    [InlineData("{\"email\":7,\"password\":\"x\"}", "email request.wrong_type")]
    [InlineData("{\"email\":null,\"password\":\"x\"}", "email request.wrong_type")]
    [InlineData("{\"email\":\"a@b.example\",\"password\":\"x\",\"keep\":\"yes\"}", "keep request.wrong_type")]
    [InlineData("{\"email\":\"a@b.example\",\"password\":\"x\",\"admin\":true}", "admin request.unknown")]
    [InlineData("{\"email\":\"a@b.example\",\"password\":\"x\",\"<b>\":true}", "")]
    [InlineData("{", "")]
    public async Task A_body_that_cannot_be_read_says_at_which_property(string body, string errors)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var answer = (await Raw(app.Visitor(), body)).Expect(400, "request.malformed");
        var said = answer.Json.TryGetProperty("errors", out var list) ? list.EnumerateArray().Select(e => $"{e.GetProperty("field")} {e.GetProperty("code")}") : [];
        Assert.Equal(errors, string.Join(", ", said));
    }

    [Theory, Engines("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml")]
    public async Task Other_content_types_are_refused(string engine, string type)
    {
        await using var app = await TestApp.Start(engine);
        (await Raw(app.Visitor(), "{\"email\":\"a@b.example\",\"password\":\"x\"}", type)).Expect(415, "request.media_type");
        (await app.Visitor().Send(HttpMethod.Post, SignIn, null)).Expect(400);
    }

    [Theory, Engines]
    public async Task Unknown_addresses_and_methods_are_said_in_the_form_that_fits(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        (await visitor.Get("/api/v1/nothing")).Expect(404, "request.not_found");
        (await visitor.Send(HttpMethod.Put, "/api/v1/session", null)).Expect(405, "request.method");
        (await visitor.Delete("/api/v1/policy")).Expect(405, "request.method");
        foreach (var path in new[] { "/nothing", "/account/nothing", "/problem", "/.well-known/nothing", "/css/nothing.css", "/css/..%2f..%2fholdfast.dll", "/account/sessions/not-an-id" })
        {
            var page = (await visitor.Get(path)).Expect(404);
            Assert.StartsWith("text/html", page.ContentType, StringComparison.Ordinal);
            Assert.Contains("request.not_found", page.Body.Replace("session.not_found", "request.not_found", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        (await visitor.Send(HttpMethod.Put, "/account", null)).Expect(405);
        (await visitor.Send(HttpMethod.Trace, "/account", null)).Expect(405);
        (await visitor.Send(HttpMethod.Options, "/sign-in", null)).Expect(405);
        Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task More_than_64_KiB_is_not_read_whether_announced_or_not(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var large = "{\"email\":\"" + new string('a', 70_000) + "\",\"password\":\"x\"}";
        (await Raw(app.Visitor(), large)).Expect(413, "request.too_large");
        (await app.Visitor().Send(HttpMethod.Post, SignIn, Visitor.Raw(large), request => request.Headers.TransferEncodingChunked = true)).Expect(413, "request.too_large");
        (await Raw(app.Visitor(), "{\"email\":\"" + new string('a', 60_000) + "\",\"password\":\"x\"}")).Expect(400, "sign_in.email_required");
        var form = new FormUrlEncodedContent([new("email", new string('a', 70_000))]);
        var page = await app.Visitor().Send(HttpMethod.Post, "/sign-in", form, request => request.Headers.TransferEncodingChunked = true);
        Assert.True(page.Status is 400 or 413, page.ToString());
        Assert.StartsWith("text/html", page.ContentType, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Calls_of_foreign_pages_are_refused(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        foreach (var site in new[] { "cross-site", "same-site" })
        {
            var forged = visitor.Copy();
            forged.Headers["Sec-Fetch-Site"] = site;
            (await forged.Post("/api/v1/sign-out")).Expect(403, "request.cross_site");
            Assert.Equal(403, (await forged.Send(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([]))).Status);
            Assert.Equal(403, (await forged.Send(HttpMethod.Post, "/sign-in", new FormUrlEncodedContent([new("email", person.Email)]))).Status);
            // Links from elsewhere are welcome.
            (await forged.Get("/api/v1/session")).Expect(200);
        }
        foreach (var path in new[] { "/api/v1/sign-out", "/api/v1/sessions/end-all", "/api/v1/password", SignIn, "/api/v1/setup" })
        {
            (await visitor.Send(HttpMethod.Post, path, Visitor.Json(new { }), request => request.Headers.Remove("X-Holdfast-Request"))).Expect(403, "request.header_missing");
        }
        visitor.Headers["Sec-Fetch-Site"] = "same-origin";
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
    }

    [Theory, Engines]
    public async Task Forms_without_their_token_or_with_that_of_another_session_are_refused(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (one, two) = (await app.SignedIn(await app.AddAccount()), await app.SignedIn(await app.AddAccount("ines@quayside.example", "Inês Duarte")));
        (await one.Send(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([]))).Expect(400);
        var foreign = (await two.Open("/account/security")).Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        (await one.Send(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([new("form_token", foreign)]))).Expect(400);
        // Even with the cookie that belongs to it.
        one.Cookies["__Host-holdfast-form"] = two.Cookies["__Host-holdfast-form"];
        (await one.Send(HttpMethod.Post, "/sign-out", new FormUrlEncodedContent([new("form_token", foreign)]))).Expect(400);
        (await one.Get("/api/v1/session")).Expect(200);
        var page = await (await one.Open("/account/security")).Submit("form[action='/sign-out']");
        Assert.Equal("/sign-in", page.Path);
    }

    [Theory, Engines]
    public async Task Every_answer_carries_the_security_headers(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        var signedIn = await app.SignedIn(await app.AddAccount());
        var answers = new List<Answer>();
        foreach (var path in new[] { "/", "/sign-in", "/setup", "/account/security", "/account/policy", "/nothing", "/health/live", "/health/ready", "/css/base.css", "/js/holdfast.js", "/favicon.svg", "/brand.css", "/openapi/v1.json", "/api/v1/session", "/api/v1/policy", "/api/v1/nothing", "/.well-known/change-password", "/dev/mail", "/not-me", "/reset-password" })
        {
            answers.Add(await visitor.Get(path));
            answers.Add(await signedIn.Get(path));
        }
        answers.Add(await Raw(visitor, "{"));
        answers.Add(await Raw(visitor, "{", "text/plain"));
        answers.Add(await Raw(visitor, new string(' ', 70_000)));
        answers.Add(await visitor.Send(HttpMethod.Put, "/sign-in", null));
        answers.Add(await visitor.Send(HttpMethod.Get, "/css/base.css", null, request => request.Headers.TryAddWithoutValidation("Range", "bytes=99999999-")));
        await app.Db.Write(tx => tx.Execute("DROP TABLE throttles"));
        answers.Add((await visitor.SignIn("a@b.example", "whatever it was")).Expect(500, "server.fault"));
        foreach (var answer in answers) Assert.True(answer.Headers.ContainsKey("Content-Security-Policy"), answer.ToString());
        Assert.All(answers, answer =>
        {
            var policy = answer.Header("Content-Security-Policy") ?? "";
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal(("nosniff", "DENY", "same-origin", "same-origin"), (answer.Header("X-Content-Type-Options"), answer.Header("X-Frame-Options"), answer.Header("Cross-Origin-Opener-Policy"), answer.Header("Cross-Origin-Resource-Policy")));
            Assert.Contains(answer.Header("Referrer-Policy"), new[] { "same-origin", "no-referrer" });
            Assert.NotNull(answer.Header("Cache-Control"));
            Assert.Null(answer.Header("Server"));
            Assert.Null(answer.Header("X-Powered-By"));
            Assert.Null(answer.Header("Strict-Transport-Security"));
            Assert.DoesNotContain("   at ", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
        });
        foreach (var path in new[] { "/account/security", "/api/v1/session", "/api/v1/activity" }) Assert.Contains("no-store", (await signedIn.Get(path)).Header("Cache-Control"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Behind_TLS_browsers_are_told_to_stay_there(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Proxy:Addresses"] = "127.0.0.1" });
        var visitor = app.Visitor();
        visitor.Headers["X-Forwarded-Proto"] = "https";
        Assert.Equal("max-age=31536000; includeSubDomains", (await visitor.Get("/sign-in")).Header("Strict-Transport-Security"));
    }

    [Theory, Engines]
    public async Task Well_known_addresses_lead_to_the_form_and_the_others_are_not_there(string engine)
    {
        await using var app = await TestApp.Start(engine);
        Assert.Equal("/account/security#password", (await app.Visitor().Get("/.well-known/change-password")).Expect(302).Location);
        (await app.Visitor().Get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200")).Expect(404);
    }

    [Theory, Engines]
    public async Task The_OpenAPI_document_lists_every_call(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var document = (await app.Visitor().Get("/openapi/v1.json")).Expect(200).Json;
        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var listed = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(m => m.Name is "get" or "post" or "patch" or "delete" or "put").Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}")).Order(StringComparer.Ordinal);
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} /{e.RoutePattern.RawText!.TrimStart('/').TrimEnd('/')}")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        Assert.True(routes.Count > 10);
        Assert.Equal(string.Join('\n', routes), string.Join('\n', listed));
        foreach (var operation in document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()))
        {
            Assert.NotEmpty(operation.Value.GetProperty("summary").GetString()!);
            Assert.NotEmpty(operation.Value.GetProperty("operationId").GetString()!);
            // What the gate answers stands there as well.
            var answers = operation.Value.GetProperty("responses").EnumerateObject().Select(r => r.Name).ToList();
            Assert.Equal(operation.Value.TryGetProperty("security", out _), answers.Contains("401") && operation.Value.GetProperty("operationId").GetString() is not ("signIn" or "verifySignIn" or "signInByPasskey" or "beginPasskeyVerify" or "confirmSignUp"));
            Assert.True(operation.Name == "get" || answers.Contains("403"), operation.Value.ToString());
        }
        // Nothing is promised that is left out when it is null.
        var problem = document.GetProperty("components").GetProperty("schemas").GetProperty("Problem").GetProperty("required").EnumerateArray().Select(name => name.GetString()).ToList();
        Assert.Contains("code", problem);
        Assert.DoesNotContain("errors", problem);
    }

    [Fact]
    public async Task A_database_that_is_gone_is_a_503_and_not_ready_while_the_process_is_alive()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var app = await TestApp.Start(TestDatabase.Postgres);
        await app.Database.Cut();
        (await app.Visitor().Get("/health/live")).Expect(200);
        (await app.Visitor().Get("/health/ready")).Expect(503);
        var answer = await app.Visitor().SignIn("a@b.example", "whatever it was");
        Assert.True(answer is { Status: 503, Code: "database.unavailable" }, $"{answer.Status} {answer.Code} {answer.Faults}");
        Assert.Equal("5", answer.Header("Retry-After"));
    }
}
