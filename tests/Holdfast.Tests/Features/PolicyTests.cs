using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class PolicyTests
{
    [Theory, Engines]
    public async Task The_policy_tells_strangers_the_settings_in_force(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?>
        {
            ["Passwords:Profile"] = "Nist", ["Passwords:RequireLettersAndNumbers"] = "true", ["Sessions:Idle"] = "47m", ["Sessions:OnPasswordChange"] = "KeepOthers", ["SignIn:StopAt"] = "73",
        });
        var answer = (await app.Visitor().Get("/api/v1/policy")).Expect(200);
        foreach (var fact in new[] { "15", "256", "47 minutes", "73" }) Assert.Contains(fact, answer.Body, StringComparison.Ordinal);
        var page = await app.Visitor().Open("/account/policy");
        Assert.Equal(200, page.Answer.Status);
        foreach (var section in answer.Json.EnumerateArray())
        {
            foreach (var fact in section.GetProperty("facts").EnumerateArray()) Assert.Contains(fact.GetProperty("value").GetString()!, page.Text, StringComparison.Ordinal);
        }
    }
}
