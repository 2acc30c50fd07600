using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Values that nobody can have.</summary>
public sealed class OddValuesTests
{
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
}
