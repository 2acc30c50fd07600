using Holdfast.Features.Accounts;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Values that nobody can have, and a press at the very moment of a change.</summary>
public sealed class OddValuesTests
{
    private const string Change = "/api/v1/account/email-change";
    private const int Rounds = 8;

    /// <param name="Live">Sessions that have not ended.</param>
    /// <param name="Blocked">The password was stopped by "This wasn't me".</param>
    private sealed record Standing(string Email, long Live, bool Blocked);

    private static Task<Standing> Of(TestApp app, Person person) => app.Db.Read(async tx => new Standing(
        (await AccountTable.ById(tx, person.Id))!.Email,
        await tx.Count("SELECT COUNT(*) FROM sessions WHERE account_id = @Id AND ended_at IS NULL", new { person.Id }),
        await tx.Count("SELECT COUNT(*) FROM passwords WHERE account_id = @Id AND blocked_at IS NOT NULL", new { person.Id }) == 1));

    /// <summary>Asks for another address; each letter about it a moment later than those before.</summary>
    private static async Task<string> Ask(TestApp app, Visitor visitor, string to)
    {
        app.Clock.Advance(TimeSpan.FromSeconds(61));
        (await visitor.Post(Change, new { email = to })).Expect(202);
        return await app.LastLink(to, "/confirm-email");
    }

    /// <summary>Starts two at once: every second time the second first.</summary>
    private static async Task<(Answer First, Answer Second)> Both(int round, Func<Task<Answer>> first, Func<Task<Answer>> second)
    {
        var later = round % 2 == 1 ? second() : null;
        var sooner = first();
        later ??= second();
        return (await sooner, await later);
    }

    private static void NoFault(TestApp app) => Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));

    private static FormUrlEncodedContent Form(string token, params (string Name, string Value)[] fields) => new([new("form_token", token), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))]);

    [Theory, Engines("\0", "\0member", "mem\0ber", "owner\0", "\ufffe", "'; DROP TABLE members; --")]
    public async Task A_role_or_a_name_that_nobody_can_have_is_refused_and_no_fault(string engine, string odd)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var member = await crew.Add("member");
        var visitor = await app.SignedIn(await crew.Add("owner"));
        (await visitor.Patch($"{crew.Api}/users/{member.Id}", new { role = odd })).Expect(404, "role.unknown");
        (await visitor.Post($"{crew.Api}/roles", new { name = "Small" + odd, permissions = new[] { odd } })).Expect(400);
        using var form = Form(await WorkspaceDoorsTests.FormToken(visitor), ("name", ""), ("role", odd));
        var page = await visitor.Send(HttpMethod.Post, $"{crew.Page}/users/{member.Id}/edit", form);
        Assert.True(page.Status is 400 or 404, page.ToString());
        Assert.Equal("member", (await crew.Membership(member))!.Role);
        NoFault(app);
    }

    [Theory, Engines]
    public async Task An_invitation_that_nobody_can_name_is_neither_sent_again_nor_withdrawn(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        var token = await WorkspaceDoorsTests.FormToken(admin);
        foreach (var id in new[] { "\0", "\0id", "'", "%00", "\ufffe", new string('x', 5000) })
        {
            foreach (var handler in new[] { "Again", "Withdraw" })
            {
                using var form = new MultipartFormDataContent { { new StringContent(token), "form_token" }, { new StringContent(id), "id" } };
                var answer = await admin.Send(HttpMethod.Post, $"{crew.Page}/users/invite?handler={handler}", form);
                Assert.True(answer.Status is 400 or 404, answer.ToString());
            }
        }
        NoFault(app);
    }

    [Theory, Engines]
    public async Task An_empty_place_in_a_list_of_invitations_is_refused_and_no_fault(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        (await admin.Send(HttpMethod.Post, $"{crew.Api}/invitations", Visitor.Raw("""{"invitations":[null]}"""))).Expect(400);
        NoFault(app);
    }

    [Theory, Engines]
    public async Task A_change_confirmed_while_somebody_says_that_it_was_not_them_is_whole_or_not_at_all(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < Rounds; round++)
        {
            var person = await app.AddAccount($"owner{round}@almondbirch.example");
            var here = await app.SignedIn(person);
            var wished = $"wished{round}@harbour.example";
            var confirm = await Ask(app, here, wished);
            var notMe = await app.LastLink(person.Email, "/not-me");
            var (confirming, stopping) = await Both(round, () => here.Post($"{Change}/confirm", new { token = confirm }), () => app.Visitor().Post("/api/v1/not-me", new { token = notMe }));
            stopping.Expect(200);
            Assert.True(confirming.Status == 204 || confirming.Code is "link.over" or "session.ended", confirming.ToString());
            // Confirmed before, it is taken back: the letter about it was the old address's.
            Assert.Equal(new Standing(person.Email, 0, true), await Of(app, person));
            Assert.DoesNotContain(await app.Letters(wished), letter => letter.Subject == "Reset Password");
            Assert.Equal(200, (await app.Visitor().Open($"/reset-password?token={await app.LastLink(person.Email, "/reset-password")}")).Answer.Status);
        }
    }
}
