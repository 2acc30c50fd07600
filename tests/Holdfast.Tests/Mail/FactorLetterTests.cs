using AngleSharp.Html.Parser;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Xunit;

namespace Holdfast.Tests.Mail;

/// <summary>Letters about second factors.</summary>
public sealed class FactorLetterTests
{
    private const string Url = "https://id.quayside.example/not-me?token=Xk5Vn2TqRb9WcYd7MpZs4LhG8jFe3aUt";

    private static readonly FactorFacts Facts = new(
        "hana.novak@northpier.example", "Hana", "Firefox on macOS", "Near Brno, Czechia (approximate)", "20 November 2026, 20:04 (Prague time)", "6-digit code", new NotMeLink(Url, "for 7 days"));

    private static readonly ProductSettings Product = TestSettings.Read(new Dictionary<string, string?> { ["Product:SupportAddress"] = "support@quayside.example" }).Product;

    [Fact]
    public void The_letter_about_two_factor_turned_off_is_as_drawn()
    {
        var letter = TwoFactorOffLetter.Build(Product, Text.English, Facts);
        Assert.Equal("Two-factor was turned off", letter.Subject);
        Assert.Equal(
            """
            Hello Hana,

            Your Quayside account now opens with the password alone. The apps, the
            passkeys and the recovery codes were removed.

              Device          Firefox on macOS
              Place           Near Brno, Czechia (approximate)
              Time            20 November 2026, 20:04 (Prague time)
              Confirmed with  6-digit code

            You can set it up again at any time, in about a minute: sign in and open
            “Security”.

            Was it you? Then there is nothing to do.

            If it was not, open this address. It signs every device out and stops
            the password from working until you choose a new one:

            https://id.quayside.example/not-me?token=Xk5Vn2TqRb9WcYd7MpZs4LhG8jFe3aUt

            The address works once, for 7 days.

            -- 
            Quayside
            You get this letter because hana.novak@northpier.example has an account.
            Questions: support@quayside.example

            """,
            letter.Text);
    }

    [Theory]
    [InlineData(3, "3 of 10 are left.")]
    [InlineData(1, "1 of 10 is left.")]
    [InlineData(0, "0 of 10 are left.")]
    public void The_letter_about_a_used_recovery_code_says_how_many_are_left(int left, string said)
    {
        var letter = RecoveryCodeUsedLetter.Build(Product, Text.English, left, 10, Facts with { Methods = "Password and recovery code" });
        Assert.Equal("A recovery code was used", letter.Subject);
        Assert.Contains(said, letter.Text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        var page = new HtmlParser().ParseDocument(letter.Html);
        Assert.Equal(said, page.QuerySelectorAll("strong")[0].TextContent);
        Assert.Contains("Signed in with  Password and recovery code", letter.Text, StringComparison.Ordinal);
        Assert.Equal(Url, page.QuerySelector("a")!.GetAttribute("href"));
    }

    [Theory]
    [InlineData("two_factor_on", "Two-factor was turned on")]
    [InlineData("app_added", "An authenticator app was added")]
    [InlineData("app_replaced", "Your authenticator app was replaced")]
    [InlineData("app_removed", "An authenticator app was removed")]
    [InlineData("two_factor_on_passkey", "Two-factor was turned on")]
    [InlineData("passkey_added", "A passkey was added")]
    [InlineData("passkey_replaced", "A passkey took the place of your apps")]
    [InlineData("passkey_removed", "A passkey was removed")]
    [InlineData("passkey_copied", "This passkey may have been copied")]
    [InlineData("recovery_codes_made", "New recovery codes were made")]
    public void What_people_call_their_app_stays_text(string kind, string subject)
    {
        const string App = "<img src=x onerror=alert(1)> \"O'Neil\" {0}";
        var letter = FactorChangedLetter.Build(Product, Text.English, kind, kind == "recovery_codes_made" ? "" : App, Facts with { Methods = null });
        Assert.Equal(subject, letter.Subject);
        var page = new HtmlParser().ParseDocument(letter.Html);
        Assert.Empty(page.QuerySelectorAll("img, script"));
        Assert.Equal(kind != "recovery_codes_made", page.Body!.TextContent.Contains(App, StringComparison.Ordinal));
        Assert.DoesNotContain("Confirmed with", letter.Text, StringComparison.Ordinal);
        Assert.Contains(Url, letter.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_letter_about_a_reset_names_who_did_it_and_the_link()
    {
        var letter = TwoFactorResetLetter.Build(Product, Text.English, Facts.To, "Hana", Facts.Time, Facts.NotMe);
        Assert.Equal("Two-factor was reset", letter.Subject);
        Assert.Contains("Those who run Quayside removed", letter.Text, StringComparison.Ordinal);
        Assert.Contains(Url, letter.Text, StringComparison.Ordinal);
    }
}
