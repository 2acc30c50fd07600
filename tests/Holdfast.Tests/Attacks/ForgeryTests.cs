using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class ForgeryTests
{
    [Theory, Engines("/API/v1/sessions/end-others", "/Api/v1/sign-out", "/aPI/v1/sessions/end-all")]
    public async Task A_call_in_capitals_needs_the_header_like_any_other(string engine, string path)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (visitor, other) = (await app.SignedIn(person), await app.SignedIn(person));
        // As a form of another page would send it: no header, no question asked before.
        using var form = new FormUrlEncodedContent([new("a", "b")]);
        (await visitor.Send(HttpMethod.Post, path, form)).Expect(403, "request.header_missing");
        (await visitor.Get("/api/v1/session")).Expect(200);
        (await other.Get("/api/v1/session")).Expect(200);
        (await app.Visitor().Get(path.Replace("sign-out", "session", StringComparison.Ordinal).Replace("sessions/end-all", "session", StringComparison.Ordinal).Replace("sessions/end-others", "session", StringComparison.Ordinal))).Expect(401, "session.required");
    }

    [Theory, Engines("foo", "utf-7", "utf-16", "\"iso-8859-1\"")]
    public async Task Nothing_is_read_in_another_charset_and_asking_for_one_is_no_fault(string engine, string charset)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        (await visitor.Send(HttpMethod.Post, "/api/v1/sign-in", Visitor.Raw("{}", $"application/json; charset={charset}"))).Expect(415, "request.media_type");
        Assert.Equal(415, (await visitor.Send(HttpMethod.Post, "/sign-in", Visitor.Raw("a=b", $"application/x-www-form-urlencoded; charset={charset}"))).Status);
        (await visitor.Send(HttpMethod.Post, "/api/v1/sign-in", Visitor.Raw("{}", "application/json; charset=\"UTF-8\""))).Expect(400);
    }
}
