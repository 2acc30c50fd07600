using Holdfast.Features.Accounts;
using Holdfast.Features.EmailChange;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class EmailChangeAttacksTests
{
    private const string Old = "tomasz@almondbirch.example";
    private const string New = "tomasz.wisniewski@harbour.example";
    private const string Change = "/api/v1/account/email-change";

    [Theory]
    [Engines]
    public async Task A_stolen_cookie_and_the_password_change_no_address_where_there_is_a_second_factor(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, thief) = await app.AddWithTwoFactor(Old);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await thief.Post(Change, new { email = "thief@elsewhere.example" })).Expect(403, "step_up.second_factor_required");
        (await thief.StepUp(person.Password)).Expect(200);
        (await thief.Post(Change, new { email = "thief@elsewhere.example" })).Expect(403, "step_up.second_factor_required");
        Assert.Empty(await app.Letters("thief@elsewhere.example"));
        (await thief.StepUpBy(phone.Code())).Expect(200);
        (await thief.Post(Change, new { email = New })).Expect(202);
    }

    [Theory]
    [Engines]
    public async Task A_mistyped_address_hands_the_account_to_nobody(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount(Old));
        (await here.Post(Change, new { email = "tomasz@almondbrich.example" })).Expect(202);
        var link = TestApp.TokenIn((await app.Letters("tomasz@almondbrich.example"))[0], "/confirm-email");
        // Strangers who get the letter: nobody, and somebody with an account of their own.
        (await app.Visitor().Post($"{Change}/confirm", new { token = link })).Expect(401, "session.required");
        var stranger = await app.SignedIn(await app.AddAccount("stranger@elsewhere.example", "Somebody Else"));
        (await stranger.Post($"{Change}/confirm", new { token = link })).Expect(403, "email_change.other_account");
        Assert.Equal(Old, (await here.Get("/api/v1/account")).Json.GetProperty("email").GetString());
        // Nothing was used up.
        (await here.Post($"{Change}/confirm", new { token = link })).Expect(204);
    }

    [Theory]
    [Engines]
    public async Task The_answer_does_not_tell_whether_an_address_has_an_account(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await app.AddAccount("taken@harbour.example", "Mara Lindqvist");
        var (one, two) = (await app.SignedIn(await app.AddAccount(Old)), await app.SignedIn(await app.AddAccount("priya@almondbirch.example", "Priya Raman")));
        var free = (await one.Post(Change, new { email = "fresh@harbour.example" })).Expect(202);
        var taken = (await two.Post(Change, new { email = "taken@harbour.example" })).Expect(202);
        Assert.Equal(free.Body.Replace("fresh@", "taken@", StringComparison.Ordinal), taken.Body);
        var letter = Assert.Single(await app.Letters("taken@harbour.example"));
        Assert.Equal("Somebody wanted to use your address", letter.Subject);
        Assert.DoesNotContain("token=", letter.Text, StringComparison.Ordinal);
    }

    [Theory]
    [Engines]
    public async Task An_address_that_is_taken_meanwhile_stays_with_whoever_took_it(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount(Old));
        (await here.Post(Change, new { email = New })).Expect(202);
        var link = TestApp.TokenIn((await app.Letters(New))[0], "/confirm-email");
        await app.AddAccount(New.ToUpperInvariant(), "Somebody Quicker");
        (await here.Post($"{Change}/confirm", new { token = link })).Expect(409, "email_change.taken");
        Assert.Equal(Old, (await here.Get("/api/v1/account")).Json.GetProperty("email").GetString());
    }

    [Theory]
    [Engines]
    public async Task Of_two_accounts_that_confirm_one_address_at_once_one_gets_it(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var people = new List<(Visitor Visitor, string Link)>();
        for (var i = 0; i < 6; i++)
        {
            var visitor = await app.SignedIn(await app.AddAccount($"person{i}@almondbirch.example", "Person"));
            (await visitor.Post(Change, new { email = New })).Expect(202);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            people.Add((visitor, await app.LastLink(New, "/confirm-email")));
        }
        var answers = await Task.WhenAll(people.Select(p => p.Visitor.Post($"{Change}/confirm", new { token = p.Link })));
        Assert.Equal(1, answers.Count(a => a.Status == 204));
        Assert.All(answers.Where(a => a.Status != 204), a => a.Expect(409, "email_change.taken"));
    }

    [Theory]
    [Engines]
    public async Task A_link_confirmed_by_fifty_at_once_changes_the_address_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount(Old));
        (await here.Post(Change, new { email = New })).Expect(202);
        var link = TestApp.TokenIn((await app.Letters(New))[0], "/confirm-email");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => here.Copy().Post($"{Change}/confirm", new { token = link })));
        Assert.Equal(1, answers.Count(a => a.Status == 204));
        Assert.Equal(1, (await here.Activity()).Count(kind => kind == "email.changed"));
        Assert.Equal(1, (await app.Letters(Old)).Count(l => l.Subject == "Your e-mail address was changed"));
    }

    [Theory]
    [Engines]
    public async Task This_wasnt_me_and_a_new_password_by_mail_end_a_change_that_waits(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(Old);
        var thief = await app.SignedIn(person);
        (await thief.Post(Change, new { email = "thief@elsewhere.example" })).Expect(202);
        var link = TestApp.TokenIn((await app.Letters("thief@elsewhere.example"))[0], "/confirm-email");
        await (await app.Visitor().Open($"/not-me?token={TestApp.TokenIn((await app.Letters(Old))[0], "/not-me")}")).Submit("form[action='/not-me']");
        (await thief.Post($"{Change}/confirm", new { token = link })).Expect(401);
        var form = await app.Visitor().Open($"/reset-password?token={await app.LastLink(Old, "/reset-password")}");
        await form.Submit("form[action='/reset-password']", ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        var owner = app.Visitor();
        (await owner.SignIn(Old, TestApp.OtherPassword)).Expect(204);
        (await owner.Post($"{Change}/confirm", new { token = link })).Expect(404, "link.over");
    }

    [Theory]
    [Engines]
    public async Task Nobody_takes_an_address_while_it_may_be_put_back(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount(Old));
        await EmailChangeTests.Do(app, here, Old, New);
        // The thief's second account wants the address that was left.
        var second = await app.SignedIn(await app.AddAccount("second@elsewhere.example", "Second Account"));
        (await second.Post(Change, new { email = Old })).Expect(202);
        (await second.Post($"{Change}/confirm", new { token = await app.LastLink(Old, "/confirm-email") })).Expect(409, "email_change.taken");
        var made = await new CreateAccount(app.Db, app.Clock, app.Settings.Recovery).Run(new NewAccount(Old, "Third Account", null, false));
        Assert.Equal("account.taken", made.Refusal?.Code);
    }

    [Theory]
    [Engines]
    public async Task Other_peoples_mailboxes_are_not_filled(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount(Old));
        var sent = 0;
        for (var tries = 0; tries < 40; tries++)
        {
            if ((await here.Post(Change, new { email = $"victim{tries % 3}@elsewhere.example" })).Status == 202) sent++;
            if ((await here.Post($"{Change}/send-again")).Status == 202) sent++;
            if (tries % 5 == 0) await here.Delete(Change);
            app.Clock.Advance(TimeSpan.FromSeconds(70));
            await here.StepUp(TestApp.Password);
        }
        Assert.Equal(EmailChange.MostLetters, sent);
        var refused = (await here.Post(Change, new { email = New })).Expect(429, "email_change.too_often");
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 3600);
    }

    [Theory]
    [Engines]
    public async Task Links_to_choose_a_new_password_die_with_the_address_that_they_were_sent_to(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(Old);
        var here = await app.SignedIn(person);
        var reset = await app.Db.Write(tx => Holdfast.Features.Links.LinkTable.Make(tx, person.Id, Holdfast.Features.Links.LinkPurpose.ResetPassword, app.Now, TimeSpan.FromMinutes(30)));
        await EmailChangeTests.Do(app, here, Old, New);
        Assert.Equal(404, (await app.Visitor().Open($"/reset-password?token={reset.Reveal()}")).Answer.Status);
    }

    [Theory]
    [Engines]
    public async Task Taken_back_twice_at_once_the_oldest_address_stays(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < 6; round++)
        {
            var person = await app.AddAccount($"owner{round}@almondbirch.example");
            var thief = await app.SignedIn(person);
            var (second, third) = ($"second{round}@elsewhere.example", $"third{round}@elsewhere.example");
            await EmailChangeTests.Do(app, thief, person.Email, second);
            app.Clock.Advance(TimeSpan.FromMinutes(2));
            await EmailChangeTests.Do(app, thief, second, third);
            var (first, later) = (await app.LastLink(person.Email, "/undo-email"), await app.LastLink(second, "/undo-email"));
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => app.Visitor().Post($"{Change}/undo", new { token = i % 2 == 0 ? first : later })));
            Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 200, 404 }));
            Assert.Single(answers.Where((_, i) => i % 2 == 0), answer => answer.Status == 200);
            Assert.Equal(person.Email, (await app.Db.Read(tx => AccountTable.ById(tx, person.Id)))!.Email);
        }
    }

    [Theory]
    [Engines]
    public async Task Confirmed_and_withdrawn_at_once_it_is_one_of_the_two(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < 8; round++)
        {
            var person = await app.AddAccount($"owner{round}@almondbirch.example");
            var (here, there) = (await app.SignedIn(person), await app.SignedIn(person));
            var wished = $"wished{round}@harbour.example";
            (await here.Post(Change, new { email = wished })).Expect(202);
            var link = await app.LastLink(wished, "/confirm-email");
            var answers = await Task.WhenAll(here.Post($"{Change}/confirm", new { token = link }), there.Delete(Change));
            var now = (await app.Db.Read(tx => AccountTable.ById(tx, person.Id)))!.Email;
            Assert.Equal((answers[0].Status == 204 ? wished : person.Email, answers[0].Status == 204 ? 404 : 204), (now, answers[1].Status));
        }
    }

    [Theory]
    [InlineData("tomasz@almondbirch.example,thief@elsewhere.example")]
    [InlineData("tomasz@almondbirch.example\r\nBcc: thief@elsewhere.example")]
    [InlineData("<thief@elsewhere.example>")]
    [InlineData("thief@elsewhere.example\u0000")]
    public async Task Two_addresses_in_one_field_and_line_breaks_are_no_address(string email)
    {
        await using var app = await TestApp.Start("SQLite");
        var here = await app.SignedIn(await app.AddAccount(Old));
        (await here.Post(Change, new { email })).Expect(400, "form.email");
        Assert.Empty(await app.Letters(Old));
    }
}
