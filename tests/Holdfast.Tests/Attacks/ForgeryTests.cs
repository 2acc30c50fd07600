using System.Buffers.Text;
using System.Text;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class ForgeryTests
{
    private const string FormCookie = "__Host-holdfast-form";

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

    [Theory, Engines]
    public async Task A_form_shown_to_nobody_speaks_for_nobody_who_signs_in_later(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var before = app.Visitor();
        var token = await FormToken(before, "/sign-in");
        var victim = await app.SignedIn(person);
        victim.Cookies[FormCookie] = before.Cookies[FormCookie];
        foreach (var path in new[] { "/account", "/account/sessions?handler=EndAll", "/step-up" })
        {
            var page = await victim.Submit(path, post: true, [new("form_token", token), new("name", "Somebody else"), new("password", person.Password)]);
            Assert.Equal(400, page.Answer.Status);
            Assert.Contains("request.form_expired", page.Text, StringComparison.Ordinal);
        }
        Assert.Equal(person.Name, (await victim.Get("/api/v1/account")).Expect(200).Json.GetProperty("name").GetString());
        // A sign-in page that was left open still works, signed in meanwhile or not.
        Assert.Equal("/account/security", (await victim.Submit("/sign-in", post: true, [new("form_token", token), new("email", person.Email), new("password", person.Password)])).Path);
    }

    [Theory, Engines]
    public async Task A_form_of_another_session_or_of_nobodys_making_is_said_to_be_old(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (visitor, other) = (await app.SignedIn(person), await app.SignedIn(person));
        var token = await FormToken(other, "/account");
        visitor.Cookies[FormCookie] = other.Cookies[FormCookie];
        foreach (var form in new[] { token, "", "nonsense", new string('A', 5000) })
        {
            var page = await visitor.Submit("/account", post: true, [new("form_token", form), new("name", "Somebody else")]);
            Assert.Equal(400, page.Answer.Status);
            Assert.Contains("request.form_expired", page.Text, StringComparison.Ordinal);
        }
    }

    [Theory, Engines("/account/activity", "/account/policy", "/account/security", "/account/sessions", "/account/sessions/{mine}", "/dev/mail", "/problem")]
    public async Task A_page_does_not_show_itself_to_a_handler_that_it_does_not_have(string engine, string path)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        path = path.Replace("{mine}", (await visitor.Sessions())[0], StringComparison.Ordinal);
        foreach (var query in new[] { "", "?handler=Nonsense" })
        {
            var page = await visitor.Submit(path + query, post: true, [new("form_token", await FormToken(visitor, "/account"))]);
            Assert.Equal(405, page.Answer.Status);
            Assert.Contains("request.method", page.Text, StringComparison.Ordinal);
        }
    }

    [Theory, Engines("""{"Key":"set_up","Args":null}""", """{"Key":"others_ended.other","Args":[]}""", """{"Key":"session_ended","Args":["Call 555-0100 at once"]}""", "null", "[")]
    public async Task A_message_of_somebody_elses_making_is_not_shown_and_no_fault(string engine, string flash)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        visitor.Cookies["__Host-holdfast-flash"] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(flash));
        var page = await visitor.Open("/sign-in");
        page.Answer.Expect(200);
        Assert.Null(page.Document.QuerySelector(".flash"));
        Assert.DoesNotContain("__Host-holdfast-flash", visitor.Cookies.Keys);
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

    private static async Task<string> FormToken(Visitor visitor, string path) => (await visitor.Open(path)).Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
}
