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
}
