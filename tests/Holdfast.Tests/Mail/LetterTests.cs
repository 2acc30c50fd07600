using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Texts;
using Xunit;

namespace Holdfast.Tests.Mail;

/// <summary>The letters as people see them, and what a hostile name can make of them.</summary>
public sealed class LetterTests
{
    private const string Link = "https://id.quayside.example/not-me?token=Lw3Yb8KsPq6ZtXd2RnC5vMh9JfT7aGeU";

    private static readonly PasswordChangedFacts Facts = new(
        "tomasz@almondbirch.example", "Tomasz", "Chrome on Windows", "Near Warsaw, Poland (approximate)", "20 November 2026, 17:31 (Warsaw time)", "Password and 6-digit code", 2, 0, new NotMeLink(Link, "for 7 days"));

    [Fact]
    public void The_plain_letter_about_a_changed_password_is_as_drawn()
    {
        var letter = Changed(Facts);

        Assert.Equal("Your password was changed", letter.Subject);
        Assert.Equal("tomasz@almondbirch.example", letter.To);
        Assert.Equal(
            """
            Hello Tomasz,

            The password of your Quayside account was changed. Two other devices
            were signed out.

              Device          Chrome on Windows
              Place           Near Warsaw, Poland (approximate)
              Time            20 November 2026, 17:31 (Warsaw time)
              Confirmed with  Password and 6-digit code

            Was it you? Then there is nothing to do.

            If it was not, open this address. It signs every device out and stops
            the password from working until you choose a new one:

            https://id.quayside.example/not-me?token=Lw3Yb8KsPq6ZtXd2RnC5vMh9JfT7aGeU

            The address works once, for 7 days.

            -- 
            Quayside
            You get this letter because tomasz@almondbirch.example has an account.
            Questions: support@quayside.example

            """,
            letter.Text);
    }

    [Fact]
    public void The_HTML_letter_about_a_changed_password_is_as_drawn()
    {
        var page = Parse(Changed(Facts).Html);

        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        Assert.Equal("Your password was changed", page.Title);
        Assert.Equal("Your password was changed", page.QuerySelector("h1")!.TextContent);
        Assert.Equal("20 November 2026, 17:31 (Warsaw time), from Chrome on Windows.", page.QuerySelector("body > div")!.TextContent);
        Assert.Equal(
            [
                "Hello Tomasz,",
                "The password of your Quayside account was changed. Two other devices were signed out.",
                "Was it you? Then there is nothing to do.",
                "If it was not, press the button. It signs every device out and stops the password from working until you choose a new one.",
                "Or paste this address into your browser. It works once, for 7 days.",
                Link,
            ],
            Texts(page, "p"));
        Assert.Equal(["Device", "Chrome on Windows", "Place", "Near Warsaw, Poland (approximate)", "Time", "20 November 2026, 17:31 (Warsaw time)", "Confirmed with", "Password and 6-digit code"], Texts(page, ".hf-fact table td"));
        Assert.Equal(["This wasn\u2019t me", Link], Texts(page, "a"));
        Assert.All(page.QuerySelectorAll("a"), a => Assert.Equal(Link, a.GetAttribute("href")));
        Assert.Equal("#ad2622", page.QuerySelector("td[bgcolor]")!.GetAttribute("bgcolor"));
        Assert.Equal("You get this letter because tomasz@almondbirch.example has an account at Quayside. Questions: support@quayside.example", Texts(page, "td.hf-muted")[^1]);
        Assert.Empty(page.QuerySelectorAll("script, img, link, iframe, form, main, header"));
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(1, 0, " One other device was signed out.")]
    [InlineData(12, 0, " 12 other devices were signed out.")]
    [InlineData(0, 1, " One other device stays signed in.")]
    [InlineData(3, 2, " Three other devices were signed out. Two other devices stay signed in.")]
    public void It_says_what_became_of_the_other_devices(int signedOut, int kept, string said)
    {
        var letter = Changed(Facts with { SignedOut = signedOut, Kept = kept });

        Assert.Equal("The password of your Quayside account was changed." + said, Parse(letter.Html).QuerySelectorAll("p")[1].TextContent);
    }

    [Fact]
    public void Without_a_link_it_says_how_to_secure_the_account()
    {
        var letter = Changed(Facts with { NotMe = null, Place = null, FirstName = " " });

        Assert.Empty(Parse(letter.Html).QuerySelectorAll("a"));
        Assert.Contains("sign in now and secure your account", letter.Text);
        Assert.StartsWith("Hello,\n", letter.Text);
        Assert.DoesNotContain("Place", letter.Text);
        Assert.DoesNotContain("http", letter.Text);
    }

    [Fact]
    public void The_plain_letter_about_a_new_device_is_as_drawn()
    {
        var letter = NewDeviceLetter.Build(MailTestKit.Quayside, Text.English, new NewDeviceFacts(
            "mara@almondbirch.example", "Mara", "Quayside command line", "Turin, Italy", "Near Turin, Italy (approximate)", "10 November 2026, 09:05 (Paris time)", "Password and 6-digit code", NewCountry: false, new NotMeLink(Link, "for 7 days")));

        Assert.Equal("New sign-in from Turin, Italy", letter.Subject);
        Assert.Equal(
            """
            Hello Mara,

            Your Quayside account was just opened on a device that we have not seen
            before.

              Device          Quayside command line
              Place           Near Turin, Italy (approximate)
              Time            10 November 2026, 09:05 (Paris time)
              Signed in with  Password and 6-digit code

            Was it you? Then there is nothing to do.

            If it was not, open this address. It signs every device out and stops
            the password from working until you choose a new one:

            https://id.quayside.example/not-me?token=Lw3Yb8KsPq6ZtXd2RnC5vMh9JfT7aGeU

            The address works once, for 7 days.

            -- 
            Quayside
            You get this letter because mara@almondbirch.example has an account.
            Questions: support@quayside.example

            """,
            letter.Text);
    }

    [Fact]
    public void Every_kind_of_part_is_written_in_both_forms()
    {
        var letter = LetterFrame.Build(MailTestKit.Quayside with { SupportAddress = null }, Text.English, "mara@almondbirch.example", "Subject", "Heading", "Mara", "Preheader",
            [
                new LetterPart.Paragraph("It is gone for good on 14 December 2026, 09:30 (Paris time).") { Bold = "14 December 2026, 09:30" },
                new LetterPart.Facts([("Mail list", "Closed by hand by an operator: \u201cThe list was shut down on 1 December, its data with it.\u201d"), ("Files", "31 erased"), ("Left out", null), ("A label that is much too long for its column", "yes")]),
                new LetterPart.Points(["Your devices are signed out. API keys and connected applications have stopped.", "Second"]),
                new LetterPart.Code("123 456"),
                new LetterPart.Facts([("Nothing", " ")]),
                new LetterPart.Button("Keep my account", "https://id.quayside.example/keep", LetterTone.Accent, "until 08:54 on 21 November 2026 (Paris time)") { Bold = "08:54 on 21 November 2026" },
                new LetterPart.Button("Open the receipt", "http://localhost:8080/receipts/1", LetterTone.Accent, null),
                new LetterPart.Aside("Then do nothing.", "You did not ask?"),
                new LetterPart.Paragraph("", "Lead alone"),
            ],
            reason: "You get this letter because you deleted your account at Quayside.");

        Assert.Equal(
            """
            Hello Mara,

            It is gone for good on 14 December 2026, 09:30 (Paris time).

              Mail list  Closed by hand by an operator: “The list was shut down on 1
                         December, its data with it.”
              Files      31 erased
              A label that is much too long for its column
                         yes

              - Your devices are signed out. API keys and connected applications
                have stopped.
              - Second

              123 456

            https://id.quayside.example/keep

            The link works once, until 08:54 on 21 November 2026 (Paris time).

            http://localhost:8080/receipts/1

            You did not ask? Then do nothing.

            Lead alone

            -- 
            Quayside
            You get this letter because you deleted your account at Quayside.

            """,
            letter.Text);
        var page = Parse(letter.Html);
        Assert.Equal(["14 December 2026, 09:30", "08:54 on 21 November 2026", "You did not ask?", "Lead alone"], Texts(page, "strong"));
        Assert.Equal(2, page.QuerySelectorAll("ul > li").Length);
        Assert.Equal(2, page.QuerySelectorAll(".hf-fact").Length);
        Assert.Contains(page.QuerySelectorAll("td"), td => td.TextContent == "123 456");
        Assert.Contains("The link works once, until 08:54 on 21 November 2026 (Paris time). If the button does nothing, paste this address into your browser:", Texts(page, "p"), StringComparer.Ordinal);
        Assert.DoesNotContain("Questions", letter.Html);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("</title></style><b>")]
    [InlineData("&lt;b&gt; {0} {1} %s")]
    [InlineData("'; color: red")]
    public void What_people_typed_stays_text(string typed)
    {
        var calm = Parse(Changed(Facts).Html);
        var product = MailTestKit.Quayside with { Name = typed, SupportAddress = "\"<b>\"@x.example" };
        var letter = PasswordChangedLetter.Build(product, Text.English, Facts with { FirstName = typed, Device = typed, Place = typed, Time = typed, ConfirmedWith = typed });
        var page = Parse(letter.Html);

        Assert.Equal(calm.All.Select(Shape).ToArray(), page.All.Select(Shape).ToArray());
        Assert.Equal(typed, page.QuerySelectorAll(".hf-fact table td")[1].TextContent);
        Assert.Contains(typed, letter.Text);

        static string Shape(IElement element) => $"{element.LocalName} {element.Attributes.Length}";
    }

    [Theory]
    [InlineData("Bob\r\nBcc: x@y")]
    [InlineData("Bob\n\nYour account is closed. Go to")]
    [InlineData("Bob\u2028\u0085\u0000\u001b[31m")]
    [InlineData("\u202eBob\u2066")]
    public void A_name_makes_no_line_of_its_own_and_turns_nothing_round(string name)
    {
        var parts = new LetterPart[] { new LetterPart.Paragraph($"{name} invites you."), new LetterPart.Facts([("From", name)]) };
        var letter = LetterFrame.Build(MailTestKit.Quayside, Text.English, "mara@almondbirch.example", $"{name} invites you", name, name, name, parts);
        var calm = LetterFrame.Build(MailTestKit.Quayside, Text.English, "mara@almondbirch.example", "Bob invites you", "Bob", "Bob", "Bob", [new LetterPart.Paragraph("Bob invites you."), new LetterPart.Facts([("From", "Bob")])]);

        Assert.Equal(calm.Text.Count(c => c == '\n'), letter.Text.Count(c => c == '\n'));
        Assert.DoesNotContain(letter.Subject + letter.Text.Replace("\n", "", StringComparison.Ordinal) + letter.Html.Replace("\n", "", StringComparison.Ordinal), c => char.IsControl(c) || c is '\u2028' or '\u202e' or '\u2066');
        MimeLetter.Render(letter, "Quayside", "security@quayside.example", "id", DateTimeOffset.UnixEpoch);
    }

    [Theory]
    [InlineData("Bob\r\nBcc: x@y")]
    [InlineData("Bob\nBcc: x@y")]
    [InlineData("Bob\rBcc: x@y")]
    [InlineData("Bob\0")]
    [InlineData("Bob\u0085Bcc: x@y")]
    [InlineData("Bob\u2028Bcc: x@y")]
    [InlineData("Bob\t\u007f")]
    public void A_header_with_a_line_end_is_refused_not_mended(string hostile)
    {
        static byte[] Render(Letter letter, string name, string from, string id) => MimeLetter.Render(letter, name, from, id, DateTimeOffset.UnixEpoch);

        Assert.Throws<ArgumentException>(() => Render(MailTestKit.Letter with { Subject = hostile }, "Quayside", "a@b.example", "id"));
        Assert.Throws<ArgumentException>(() => Render(MailTestKit.Letter, hostile, "a@b.example", "id"));
        Assert.Throws<ArgumentException>(() => Render(MailTestKit.Letter with { To = hostile }, "Quayside", "a@b.example", "id"));
        Assert.Throws<ArgumentException>(() => Render(MailTestKit.Letter, "Quayside", hostile, "id"));
        Assert.Throws<ArgumentException>(() => Render(MailTestKit.Letter, "Quayside", "a@b.example", hostile));
    }

    [Theory]
    [InlineData("Mara", true)]
    [InlineData("J. R.", true)]
    [InlineData("Anna-Lisa O\u2019Neil", true)]
    [InlineData("https://evil.example/win", false)]
    [InlineData("evil.example", false)]
    [InlineData("thief@evil.example", false)]
    [InlineData("You have won a million, call us now at the number that you know well", false)]
    public void A_name_that_could_be_a_link_or_a_message_is_not_greeted(string name, bool greeted) =>
        Assert.StartsWith(greeted ? $"Hello {name}," : "Hello,", Changed(Facts with { FirstName = name }).Text);

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("//evil.example/")]
    [InlineData("/not-me")]
    [InlineData("ftp://x.example/")]
    [InlineData("https://user:password@x.example/")]
    [InlineData("https://x.example/ y")]
    [InlineData("https://x.example/\n")]
    [InlineData(" https://x.example/")]
    [InlineData("https://x.example/\"onclick=")]
    [InlineData("https://x\u0430mple.example/")]
    public void A_letter_links_to_plain_http_addresses_only(string url) => Assert.Throws<ArgumentException>(() => Changed(Facts with { NotMe = new NotMeLink(url, "for 7 days") }));

    [Fact]
    public void Plain_lines_are_short_whatever_people_typed()
    {
        foreach (var typed in new[] { new string('x', 300), "漢字" + new string('字', 200), string.Concat(Enumerable.Repeat("👩‍👩‍👧", 60)), string.Concat(Enumerable.Repeat("word ", 100)) })
        {
            var letter = Changed(Facts with { Device = typed, Place = typed, ConfirmedWith = typed });
            Assert.All(letter.Text.Split('\n').Where(l => l != Link), line => Assert.True(line.Length <= 78, line));
            Assert.Contains(typed.Replace(" ", "", StringComparison.Ordinal), letter.Text.Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Every_brand_colour_can_be_read()
    {
        for (var color = 0; color <= 0xffffff; color += 0x010203)
        {
            var colors = LetterColors.Of($"#{color:x6}");
            Assert.True(LetterColors.Contrast(colors.Fill, "#ffffff") >= 4.5 && LetterColors.Contrast(colors.Link, "#ffffff") >= 4.5, $"{color:x6}");
            Assert.True(LetterColors.Contrast(colors.DarkFill, LetterColors.DarkButtonText) >= 4.5 && LetterColors.Contrast(colors.DarkLink, LetterColors.DarkCard) >= 4.5, $"{color:x6}");
        }
    }

    [Theory]
    [InlineData("#7a2e8e", "#7a2e8e")]
    [InlineData("#ffff00", "#17617a")]
    [InlineData("#FFFFFF", "#17617a")]
    [InlineData("#000000", "#000000")]
    [InlineData(null, "#17617a")]
    public void A_brand_colour_is_kept_where_it_can_be(string? brand, string fill) => Assert.Equal(fill, LetterColors.Of(brand).Fill);

    [Fact]
    public void Contrast_is_measured_as_WCAG_says()
    {
        Assert.Equal(21, LetterColors.Contrast("#000000", "#ffffff"), 3);
        Assert.Equal(4.54, LetterColors.Contrast("#767676", "#ffffff"), 2);
    }

    [Theory]
    [InlineData("Europe/Warsaw", "20 November 2026, 17:31 (Warsaw time)")]
    [InlineData("America/Argentina/Buenos_Aires", "20 November 2026, 13:31 (Buenos Aires time)")]
    [InlineData("Asia/Tokyo", "21 November 2026, 01:31 (Tokyo time)")]
    [InlineData("UTC", "20 November 2026, 16:31 (UTC)")]
    [InlineData("Etc/UTC", "20 November 2026, 16:31 (UTC)")]
    [InlineData("Etc/GMT+5", "20 November 2026, 11:31 (UTC\u221205:00)")]
    [InlineData("Japan", "21 November 2026, 01:31 (UTC+09:00)")]
    [InlineData(null, "20 November 2026, 16:31 (UTC)")]
    [InlineData("", "20 November 2026, 16:31 (UTC)")]
    [InlineData("Mars/Olympus_Mons", "20 November 2026, 16:31 (UTC)")]
    [InlineData("../../etc/passwd", "20 November 2026, 16:31 (UTC)")]
    [InlineData("/etc/localtime", "20 November 2026, 16:31 (UTC)")]
    public void A_time_names_its_zone(string? zone, string written)
    {
        var at = new DateTimeOffset(2026, 11, 20, 16, 31, 59, TimeSpan.Zero);

        Assert.Equal(written, LetterTime.Format(Text.English, at.ToOffset(TimeSpan.FromHours(3)), zone));
    }

    [Fact]
    public void A_summer_time_is_a_summer_time() =>
        Assert.Equal("1 July 2026, 12:00 (Paris time)", LetterTime.Format(Text.English, new DateTimeOffset(2026, 7, 1, 10, 0, 0, TimeSpan.Zero), "Europe/Paris"));

    private static Letter Changed(PasswordChangedFacts facts) => PasswordChangedLetter.Build(MailTestKit.Quayside, Text.English, facts);

    private static string[] Texts(IHtmlDocument page, string selector) => [.. page.QuerySelectorAll(selector).Select(e => e.TextContent)];

    private static IHtmlDocument Parse(string html) => new HtmlParser().ParseDocument(html);
}
