using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class RebindingTests
{
    /// <summary>A page at evil.example whose name has come to mean 127.0.0.1 reads what is given to "its" address, and letters hold links.</summary>
    [Theory, Engines("evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "192.0.2.1")]
    public async Task The_mailbox_is_not_there_for_a_name_that_was_led_here(string engine, string host)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        (await (await app.SignedIn(person)).ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        Assert.Single(await app.Letters(person.Email));
        var visitor = app.Visitor();
        var frame = (await visitor.Open("/dev/mail")).Document.QuerySelector("iframe")!.GetAttribute("src")!;
        visitor.Headers["Host"] = host;
        foreach (var path in new[] { "/dev/mail", "/dev/mail?form=text", frame })
        {
            var answer = (await visitor.Get(path)).Expect(404);
            Assert.DoesNotContain(person.Email, answer.Body, StringComparison.Ordinal);
        }
        Assert.Null((await visitor.Open("/sign-in")).Document.QuerySelector(".strip"));
        foreach (var own in new[] { "localhost:8080", "LOCALHOST", "127.0.0.1", "[::1]:8080" })
        {
            visitor.Headers["Host"] = own;
            (await visitor.Get("/dev/mail")).Expect(200);
        }
    }
}
