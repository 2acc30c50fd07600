using Holdfast.Hosting;
using Holdfast.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

/// <summary>Setting up apps, renaming and removing them, recovery codes, turning two-factor off.</summary>
public sealed class EnrolmentTests
{
    [Theory, Engines]
    public async Task One_right_code_turns_two_factor_on_brings_ten_codes_and_a_letter(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        Assert.False((await visitor.Get("/api/v1/two-factor")).Json.GetProperty("on").GetBoolean());
        var old = visitor.Copy();
        var phone = await app.Enrol(visitor, "Phone of Tomasz");
        Assert.Equal(10, phone.Codes.Distinct(StringComparer.Ordinal).Count());
        // A changed factor gives the session a new token.
        (await old.Get("/api/v1/session")).Expect(401);

        var standing = (await visitor.Get("/api/v1/two-factor")).Expect(200).Json;
        Assert.True(standing.GetProperty("on").GetBoolean());
        Assert.Equal(10, standing.GetProperty("recoveryCodesLeft").GetInt32());
        Assert.True(standing.GetProperty("recoveryCodesSaved").GetBoolean());
        Assert.Equal("Phone of Tomasz", standing.GetProperty("factors")[0].GetProperty("name").GetString());
        Assert.True((await visitor.Get("/api/v1/session")).Json.GetProperty("twoFactor").GetProperty("on").GetBoolean());
        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.Equal("Two-factor was turned on", letter.Subject);
        Assert.Contains("Phone of Tomasz", letter.Text, StringComparison.Ordinal);
        Assert.NotEmpty(TestApp.TokenIn(letter, "/not-me"));
        // All in one millisecond: in any order.
        Assert.Equal(["recovery_codes.made", "recovery_codes.saved", "two_factor.app_begun", "two_factor.turned_on"], (await visitor.Activity("?kind=two-factor")).Order(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task The_key_is_made_once_for_a_session_and_kept_over_reloads(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var first = (await visitor.Post("/api/v1/two-factor/apps")).Expect(200).Json;
        Assert.Equal(first.GetProperty("key").GetString(), (await visitor.Post("/api/v1/two-factor/apps")).Json.GetProperty("key").GetString());
        Assert.Equal($"otpauth://totp/Quayside:tomasz%40almondbirch.example?secret={first.GetProperty("key").GetString()}&issuer=Quayside&algorithm=SHA1&digits=6&period=30", first.GetProperty("uri").GetString());
        Assert.Equal(app.Now.AddMinutes(30), first.GetProperty("endsAt").GetDateTimeOffset());
        // Another session begins anew: nobody confirms a key that somebody else has seen.
        var other = await app.SignedIn(person);
        Assert.NotEqual(first.GetProperty("key").GetString(), (await other.Post("/api/v1/two-factor/apps")).Json.GetProperty("key").GetString());
        // Over is over, and tidied away.
        app.Clock.Advance(TimeSpan.FromMinutes(30));
        (await visitor.StepUp(person.Password)).Expect(200);
        var phone = new Phone(app.Clock, first.GetProperty("key").GetString()!, first.GetProperty("id").GetString()!, []);
        (await visitor.Post($"/api/v1/two-factor/apps/{phone.Id}/confirm", new { code = phone.Code(), name = "x" })).Expect(404, "two_factor.enrolment_over");
        await app.Tidy();
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM totp_apps")));
        Assert.NotEqual(first.GetProperty("key").GetString(), (await visitor.Post("/api/v1/two-factor/apps")).Json.GetProperty("key").GetString());
    }

    [Theory, Engines]
    public async Task What_is_wrong_with_a_confirmation_is_said_at_its_field_and_the_set_up_goes_on(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        var begun = (await visitor.Post("/api/v1/two-factor/apps")).Json;
        var phone = new Phone(app.Clock, begun.GetProperty("key").GetString()!, begun.GetProperty("id").GetString()!, []);
        Task<Answer> Confirm(string code, string name = "My phone") => visitor.Post($"/api/v1/two-factor/apps/{phone.Id}/confirm", new { code, name });
        Assert.Equal("code:code.digits name:form.required", (await Confirm("20481", " ")).Expect(400).Errors);
        (await Confirm("")).Expect(400, "code.required");
        (await Confirm("12345x")).Expect(400, "code.only_digits");
        (await Confirm(phone.Code(), new string('x', 61))).Expect(400, "form.too_long");
        (await Confirm(phone.Code(), "\u202egnp.exe")).Expect(400, "form.characters");
        (await Confirm(phone.WrongCode())).Expect(400, "code.wrong");
        (await Confirm(phone.Code(2))).Expect(400, "code.wrong");
        // A phone that is half a minute late is understood.
        (await Confirm(phone.Code(-1))).Expect(200);
        // The code is burnt, and those before it with it.
        Assert.Equal("code.used", (await visitor.TurnOff(phone.Code(-1))).Expect(400).Code);
    }

    [Theory, Engines]
    public async Task Several_apps_sign_in_each_with_codes_of_its_own_and_one_is_removed(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        var tablet = await app.Enrol(visitor, "Tablet");
        Assert.Empty(tablet.Codes);
        await app.SignedIn(person, phone);
        var there = await app.SignedIn(person, tablet);
        // In one half minute each app has a code of its own to give.
        app.NextCode();
        (await there.StepUpBy(phone.Code())).Expect(200);
        (await there.StepUpBy(tablet.Code())).Expect(200);

        (await there.Patch($"/api/v1/two-factor/apps/{tablet.Id}", new { name = "Old tablet" })).Expect(204);
        (await there.Patch($"/api/v1/two-factor/apps/{phone.Id}x", new { name = "Old tablet" })).Expect(404, "two_factor.app_unknown");
        (await there.Delete($"/api/v1/two-factor/apps/{phone.Id}")).Expect(204);
        (await there.Delete($"/api/v1/two-factor/apps/{phone.Id}")).Expect(404, "two_factor.app_unknown");
        (await there.Delete($"/api/v1/two-factor/apps/{tablet.Id}")).Expect(409, "two_factor.last_factor");
        app.NextCode();
        (await there.StepUpBy(phone.Code())).Expect(400, "code.wrong");
        (await there.StepUpBy(tablet.Code())).Expect(200);
        Assert.Equal(["An authenticator app was added", "An authenticator app was removed", "Two-factor was turned on"], (await app.Letters(person.Email)).Select(l => l.Subject).Order(StringComparer.Ordinal));
        Assert.Contains("two_factor.app_removed", await there.Activity());
    }

    [Theory, Engines]
    public async Task There_are_five_apps_at_most(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, _, visitor) = await app.AddWithTwoFactor();
        for (var i = 2; i <= 5; i++) await app.Enrol(visitor, $"App {i}");
        (await visitor.Post("/api/v1/two-factor/apps")).Expect(409, "two_factor.too_many_apps");
    }

    [Theory, Engines]
    public async Task New_recovery_codes_take_the_place_of_all_old_ones(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        var answer = (await visitor.Post("/api/v1/two-factor/recovery-codes")).Expect(200);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        var fresh = answer.Json.GetProperty("recoveryCodes").EnumerateArray().Select(c => c.GetString()!).ToList();
        Assert.Empty(fresh.Intersect(phone.Codes));
        Assert.False((await visitor.Get("/api/v1/two-factor")).Json.GetProperty("recoveryCodesSaved").GetBoolean());
        Assert.Contains("Your recovery codes may not be saved", (await visitor.Open("/account/two-factor")).Text, StringComparison.Ordinal);
        (await visitor.Post("/api/v1/two-factor/recovery-codes/saved")).Expect(204);
        Assert.DoesNotContain("Your recovery codes may not be saved", (await visitor.Open("/account/two-factor")).Text, StringComparison.Ordinal);
        (await visitor.StepUpBy(phone.Codes[0], "recovery_code")).Expect(400, "recovery_code.wrong");
        (await visitor.StepUpBy(fresh[0], "recovery_code")).Expect(200);
        Assert.Contains(await app.Letters(person.Email), l => l.Subject == "New recovery codes were made");
    }

    [Theory, Engines]
    public async Task Turning_it_off_takes_a_code_of_the_app_and_leaves_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.NextCode();
        (await visitor.TurnOff(phone.WrongCode())).Expect(400, "code.wrong");
        (await visitor.TurnOff("")).Expect(400, "code.required");
        (await visitor.Post("/api/v1/two-factor/turn-off", new { code = phone.Codes[0], method = "recovery_code" })).Expect(400, "two_factor.code_of_app");
        (await visitor.TurnOff(phone.Code())).Expect(204);
        (await visitor.TurnOff(phone.Code(1))).Expect(409, "two_factor.off");
        foreach (var table in new[] { "totp_apps", "recovery_codes" }) Assert.Equal(0, await app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table}")));
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        var letter = (await app.Letters(person.Email)).Single(l => l.Subject == "Two-factor was turned off");
        Assert.Contains("6-digit code", letter.Text, StringComparison.Ordinal);
        Assert.Equal(["two_factor.turn_off_failed", "two_factor.turned_off"], (await visitor.Activity("?kind=two-factor")).Where(kind => kind.Contains("turn", StringComparison.Ordinal) && kind != "two_factor.turned_on").Order(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task Profile_Nist_asks_for_a_longer_password_in_the_step_that_makes_it_the_only_factor(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Passwords:Profile"] = "Nist" });
        const string Long = "a long one, as asked for";
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        // With two-factor on, eight will do.
        (await visitor.ChangePassword(person.Password, "kä&9vQ!x")).Expect(200);
        app.NextCode();
        Assert.Contains("at least 15 characters", (await visitor.Open("/account/two-factor")).Text, StringComparison.Ordinal);
        (await visitor.TurnOff(phone.Code())).Expect(400, "two_factor.longer_password");
        Task<Answer> TurnOff(string next) => visitor.Post("/api/v1/two-factor/turn-off", new { code = phone.Code(), currentPassword = "kä&9vQ!x", newPassword = next });
        (await TurnOff("kä&9vQ!xy")).Expect(400, "password.too_short");
        (await TurnOff(Long)).Expect(204);
        (await app.Visitor().SignIn(person.Email, "kä&9vQ!x")).Expect(401);
        var there = app.Visitor();
        (await there.SignIn(person.Email, Long)).Expect(204);
        // A password that is long enough already may stay.
        var again = await app.Enrol(there);
        app.NextCode();
        (await there.TurnOff(again.Code())).Expect(204);
        (await app.Visitor().SignIn(person.Email, Long)).Expect(204);
        Assert.Contains(await app.Letters(person.Email), l => l.Subject == "Your password was changed");
    }
}
