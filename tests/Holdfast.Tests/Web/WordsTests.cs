using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Holdfast.Configuration;
using Holdfast.Texts;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Web;

/// <summary>Small parts that decide about text: return addresses, CSV, lengths of time, addresses of people.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/account")]
    [InlineData("/account/sessions/0190a1b2")]
    [InlineData("/account/activity?days=7&kind=sign-ins")]
    [InlineData("/w/almond-birch/users?q=%20a%2F")]
    public void Paths_of_ours_are_kept(string path) => Assert.Equal(path, ReturnAddress.Local(path));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("account")]
    [InlineData("https://attacker.example")]
    [InlineData("https:/attacker.example")]
    [InlineData("//attacker.example")]
    [InlineData("///attacker.example")]
    [InlineData("/\\attacker.example")]
    [InlineData("\\/attacker.example")]
    [InlineData("\\\\attacker.example")]
    [InlineData("/account\\..\\..//attacker.example")]
    [InlineData("/\t/attacker.example")]
    [InlineData("/\n/attacker.example")]
    [InlineData("/\r\nSet-Cookie: a=b")]
    [InlineData("/%0d%0a/\u0000")]
    [InlineData("/\u2028attacker")]
    [InlineData("/a\u3002example")]
    [InlineData("javascript:alert(1)")]
    [InlineData(" /account")]
    [InlineData("/sign-in")]
    [InlineData("/SIGN-IN?return=/x")]
    [InlineData("/api/v1/session")]
    [InlineData("/account#fragment")]
    [InlineData("data:text/html,x")]
    [InlineData("@attacker.example")]
    [InlineData(".attacker.example")]
    public void Anything_else_leads_home(string? path) => Assert.Equal(ReturnAddress.Home, ReturnAddress.Local(path));

    [Fact]
    public void Whatever_comes_out_stays_on_this_host_as_browsers_read_it()
    {
        var here = new Uri("https://id.example.com/sign-in");
        var hostile = Gen.Elements("/", "\\", "//", "\t", "\n", ":", "@", "attacker.example", "https:", ".", "..", "%2f", "?", "#", "a", "\u0000", "\u2028", "／").ListOf().Select(parts => string.Concat(parts));
        Prop.ForAll(hostile.ToArbitrary(), path =>
        {
            var local = ReturnAddress.Local(path);
            return local[0] == '/' && local.IndexOfAny(['\\', '\t', '\n', '\r', '\0']) < 0 && Uri.TryCreate(here, local, out var led) && led.Host == "id.example.com" && led.Scheme == "https";
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a \"quoted\", word", "\"a \"\"quoted\"\", word\"")]
    [InlineData("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("", "\"\"")]
    public void A_cell_is_quoted_and_never_a_formula(string cell, string written)
    {
        var csv = new StringBuilder();
        Csv.Row(csv, cell, "x");
        Assert.Equal(written + ",\"x\"\r\n", csv.ToString());
    }

    [Theory]
    [InlineData(0, "0 seconds")]
    [InlineData(1, "1 second")]
    [InlineData(89, "89 seconds")]
    [InlineData(90, "2 minutes")]
    [InlineData(900, "15 minutes")]
    [InlineData(5400, "2 hours")]
    [InlineData(43_200, "12 hours")]
    [InlineData(172_800, "2 days")]
    [InlineData(2_592_000, "30 days")]
    public void Lengths_of_time_are_said_in_one_unit_and_rounded_up(int seconds, string said) => Assert.Equal(said, Durations.Say(TimeSpan.FromSeconds(seconds), Text.English));

    [Theory]
    [InlineData("a@b.example", true)]
    [InlineData("a+tag@sub.b.example", true)]
    [InlineData("ö@b.example", true)]
    [InlineData("a@b@c.example", false)]
    [InlineData("@b.example", false)]
    [InlineData("a@", false)]
    [InlineData("a b@c.example", false)]
    [InlineData("a@b.example\n", false)]
    [InlineData("\"a\"@b.example", false)]
    [InlineData("a@[127.0.0.1]", false)]
    [InlineData(".a@b.example", false)]
    [InlineData("a..b@c.example", false)]
    [InlineData("a@-b.example", false)]
    [InlineData("a@b.example.", false)]
    [InlineData("<a@b.example>", false)]
    [InlineData("a,b@c.example", false)]
    public void Addresses_are_plain_or_refused(string address, bool plain) => Assert.Equal(plain, MailAddressShape.IsPlain(address));

    [Fact]
    public void The_canonical_address_is_the_same_on_every_culture_and_never_throws_on_a_plain_one()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.GetCultureInfo("tr-TR");
            Assert.Equal("ines@quayside.example", MailAddressShape.Canonical("INES@Quayside.EXAMPLE"));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
        Prop.ForAll<string, string>((local, host) =>
        {
            var address = $"{local}@{host}";
            return !MailAddressShape.IsPlain(address) || MailAddressShape.Canonical(MailAddressShape.Canonical(address)) == MailAddressShape.Canonical(address);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000));
    }
}
