using Holdfast.Features.Accounts;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class SuspendAccountTests
{
    [Theory, Engines]
    public async Task A_suspended_account_ends_at_once_everywhere_and_opens_nowhere_until_it_is_reactivated(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        Assert.Equal(1, (await app.Get<SuspendAccount>().Suspend(person.Email)).Value);
        (await visitor.Get("/api/v1/session")).Expect(401, "session.ended");
        Assert.Contains("Your account was suspended", (await visitor.Open("/account/security")).Text, StringComparison.Ordinal);
        // Whoever knows the password hears why; a stranger hears what strangers hear.
        (await visitor.SignIn(person.Email, person.Password)).Expect(403, "account.suspended");
        (await app.Visitor().SignIn(person.Email, "something else")).Expect(401, "sign_in.wrong");
        Assert.Contains("Your account is suspended", (await app.Letters(person.Email)).Select(l => l.Subject));
        Assert.Equal("account.suspended_already", (await app.Get<SuspendAccount>().Suspend(person.Email)).Refusal!.Code);
        Assert.True((await app.Get<SuspendAccount>().Reactivate(person.Email)).Ok);
        (await app.SignedIn(person)).Cookies.Clear();
        Assert.Equal("account.not_suspended", (await app.Get<SuspendAccount>().Reactivate(person.Email)).Refusal!.Code);
    }

    [Theory, Engines]
    public async Task The_second_step_of_a_suspended_account_leads_nowhere(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitor = app.Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        Assert.True((await app.Get<SuspendAccount>().Suspend(person.Email)).Ok);
        app.NextCode();
        (await visitor.Verify(phone.Code())).Expect(403, "account.suspended");
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(403, "account.suspended");
    }

    [Theory, Engines]
    public async Task The_last_operator_is_not_suspended(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, visitor) = await app.SetUp();
        Assert.Equal("operator.last", (await app.Get<SuspendAccount>().Suspend(person.Email)).Refusal!.Code);
        (await visitor.Get("/api/v1/session")).Expect(200);
    }
}
