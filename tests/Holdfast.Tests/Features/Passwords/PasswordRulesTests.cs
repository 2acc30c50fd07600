using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Holdfast.Configuration;
using Holdfast.Features.Passwords;
using Holdfast.Secrets;
using Xunit;

namespace Holdfast.Tests.Features.Passwords;

public sealed class PasswordRulesTests
{
    private static readonly PasswordSettings Settings = PasswordTestSettings.Default;
    private static readonly PasswordRules Rules = new(Settings);
    private static readonly PasswordRules Lenient = new(Settings with { MinimumScore = 0 });
    private static readonly PasswordContext Ann = new(["Annelise O'Brien-Müller", "annelise.mueller+shop@mail.northwind-traders.co.uk", "Holdfast", "Blue Kite Studio"], false);

    private static string Codes(PasswordRules rules, string text, PasswordContext? context = null) =>
        string.Join(' ', rules.Check(PlainPassword.From(text), context ?? PasswordContext.Empty).Select(refusal => refusal.Code));

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("kvikkjokk-lapporten")]
    [InlineData("Xw4!mQ9z")]
    [InlineData("        xkqzjwvb")]
    [InlineData("пароходный билет в зиму")]
    [InlineData("🐎🔋📎✅🌊🎻🧭🪵")]
    [InlineData("gjP2-Lq8v-Rt5n")]
    public void Passwords_that_take_long_to_guess_are_accepted(string text) => Assert.Equal("", Codes(Rules, text, Ann));

    [Theory]
    [InlineData("password")]
    [InlineData("PassWord")]
    [InlineData("P@$$w0rd")]
    [InlineData("pässwörd")]
    [InlineData("ｐａｓｓｗｏｒｄ")]
    [InlineData("drowssap")]
    [InlineData("passwordpassword")]
    [InlineData("passwordpasswordpass")]
    [InlineData("12345678")]
    [InlineData("qwertyuiop")]
    [InlineData("poiuytrewq")]
    [InlineData("zaq12wsx")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("aaaaaaaa")]
    [InlineData("x7Q!x7Q!x7Q!")]
    [InlineData("hunter2hunter2")]
    [InlineData("abababab")]
    [InlineData("ABCDEFGHIJ")]
    [InlineData("zyxwvuts")]
    [InlineData("890123456789")]
    [InlineData("🐎🐎🐎🐎🐎🐎🐎🐎")]
    [InlineData("абвгдежз")]
    [InlineData("\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301")]
    public void Common_passwords_rows_and_repetitions_are_refused_whatever_score_is_asked_for(string text)
    {
        Assert.Equal("password.common", Codes(Rules, text));
        Assert.Equal("password.common", Codes(Lenient, text));
    }

    [Fact]
    public void Every_listed_password_of_eight_characters_or_more_is_refused_without_any_score()
    {
        var listed = CommonPasswords.ReadLines().Where(line => line.Length >= 8).ToList();
        Assert.True(listed.Count > 3000, $"{listed.Count} are listed");
        Assert.All(listed, line => Assert.True(CommonPasswords.Has(line)));
        Assert.All(listed.Take(3000), line => Assert.Equal("password.common", Codes(Lenient, line)));
    }

    [Theory]
    [InlineData("Summer2024!")]
    [InlineData("20.05.1985")]
    [InlineData("14.03.2024")]
    [InlineData("31122025xx")]
    [InlineData("Spring-2026")]
    [InlineData("qwerty-asdf")]
    [InlineData("wimbletwimblet")]
    [InlineData("letmein!!")]
    [InlineData("password2024")]
    [InlineData("jennifer1985")]
    public void Guessable_passwords_are_refused_below_the_score_asked_for(string text)
    {
        Assert.Equal("password.guessable", Codes(Rules, text));
        Assert.Equal("", Codes(Lenient, text));
    }

    [Theory]
    [InlineData("annelise", "Annelise")]
    [InlineData("Anne11se99", "Annelise")]
    [InlineData("4nn3l1s3!!", "Annelise")]
    [InlineData("o'brien-99", "Brien")]
    [InlineData("OBrienMuller", "OBrienMüller")]
    [InlineData("muller2024", "Müller")]
    [InlineData("MÜLLER_99", "Müller")]
    [InlineData("northwind2024", "northwind")]
    [InlineData("traders+shop1", "traders")]
    [InlineData("holdfast1!", "Holdfast")]
    [InlineData("H0ldf@st2024", "Holdfast")]
    [InlineData("Blue-Kite-Studio!", "Studio")]
    [InlineData("holdfastAnnelise", "Annelise")]
    public void What_remains_without_names_must_be_long_enough(string text, string word)
    {
        var refusals = Lenient.Check(PlainPassword.From(text), Ann, "password");
        var refusal = Assert.Single(refusals);
        Assert.Equal(("password.context", 400, "password"), (refusal.Code, refusal.Status, refusal.Field));
        Assert.Equal(word, refusal.Args[0]);
        Assert.Equal("", Codes(Lenient, text));
    }

    [Theory]
    [InlineData("annelise rides a tandem")]
    [InlineData("the mail comes late")]
    [InlineData("kite xkqzjwvb")]
    public void A_name_beside_enough_else_and_words_of_every_address_are_accepted(string text) => Assert.DoesNotContain("password.context", Codes(Rules, text, Ann), StringComparison.Ordinal);

    [Fact]
    public void Six_characters_beside_the_words_are_enough_and_five_are_not()
    {
        Assert.Equal("", Codes(Lenient, "xkqAnnelisezjw", Ann));
        Assert.Equal("password.context", Codes(Lenient, "xkqAnnelisezj", Ann));
        Assert.Equal("password.context", Codes(Lenient, "🐎🔋Annelise📎✅🌊", Ann));
    }

    [Fact]
    public void Further_context_words_come_from_the_settings_and_short_names_are_no_words()
    {
        var rules = new PasswordRules(Settings with { MinimumScore = 0, ContextWords = ["Zugspitze"] });
        Assert.Equal("password.context", Codes(rules, "zugspitze1"));
        Assert.Equal("", Codes(rules, "Xw4-Bo-Al", new PasswordContext(["Al Bo"], false)));
    }

    [Theory]
    [InlineData("", "password.required")]
    [InlineData("Xw4!mQ9", "password.too_short")]
    [InlineData("🐎🔋📎✅🌊🎻🧭", "password.too_short")]
    [InlineData("e\u0301Xw4!mQ", "password.too_short")]
    [InlineData("no character \ufffe here", "password.not_unicode")]
    public void What_cannot_be_a_password_is_said_alone(string text, string code) => Assert.Equal(code, Codes(Rules, text));

    [Fact]
    public void Lone_surrogates_are_no_Unicode()
    {
        // Not as theory data: attributes are kept in UTF-8, which cannot hold them.
        Assert.Equal("password.not_unicode", Codes(Rules, "lone \ud83d surrogate"));
        Assert.Equal("password.not_unicode", Codes(Rules, "\udc00\ud83d turned round"));
        Assert.Equal("password.not_unicode", Codes(Rules, "at the end \ud83d"));
    }

    [Fact]
    public void Length_counts_code_points_up_to_256_and_refusals_say_the_number()
    {
        var phrase = new StringBuilder();
        for (var i = 0; i < 256; i++) phrase.Append(new Rune(0x1F300 + i * 7 % 256));
        Assert.Equal("", Codes(Rules, phrase.ToString()));
        Assert.Equal(512, phrase.Length);
        var tooLong = Assert.Single(Rules.Check(PlainPassword.From(phrase + "x"), PasswordContext.Empty));
        Assert.Equal(("password.too_long", 256), (tooLong.Code, tooLong.Args[0]));
        var tooShort = Assert.Single(Rules.Check(PlainPassword.From("short"), PasswordContext.Empty));
        Assert.Equal(("password.too_short", 8, "newPassword"), (tooShort.Code, tooShort.Args[0], tooShort.Field));
    }

    [Fact]
    public void Profile_Nist_asks_for_15_while_the_password_is_the_only_factor()
    {
        var nist = new PasswordRules(Settings with { Profile = PasswordProfile.Nist });
        Assert.Equal(15, Assert.Single(nist.Check(PlainPassword.From("gjP2-Lq8v-Rt5n"), PasswordContext.Empty)).Args[0]);
        Assert.Equal("", Codes(nist, "gjP2-Lq8v-Rt5nK"));
        Assert.Equal("", Codes(nist, "gjP2-Lq8", new PasswordContext([], SecondFactorAlwaysRequired: true)));
        Assert.Equal("", Codes(Rules, "gjP2-Lq8"));
    }

    [Theory]
    [InlineData("xkqzjwvb wrlp", "password.letters_and_numbers")]
    [InlineData("9274058163552", "password.letters_and_numbers password.guessable")]
    [InlineData("xkqzjwvb wrlp 7", "")]
    [InlineData("длинный проезд ٧", "")]
    public void Letters_and_numbers_are_asked_for_only_when_set_and_in_any_script(string text, string codes)
    {
        var strict = new PasswordRules(Settings with { RequireLettersAndNumbers = true });
        Assert.Equal(codes.Contains("letters", StringComparison.Ordinal), Codes(strict, text).StartsWith("password.letters_and_numbers", StringComparison.Ordinal));
        Assert.DoesNotContain("letters", Codes(Rules, text), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rules_never_throw_and_never_accept_less_than_the_minimum()
    {
        Prop.ForAll<string?, string?>((text, name) =>
        {
            var password = PlainPassword.From(text);
            var refusals = Lenient.Check(password, new PasswordContext([name ?? ""], false));
            return refusals.Count > 0 || password.CodePoints is >= 8 and <= 256;
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void The_rules_never_throw_on_hostile_alphabets()
    {
        string[] signs = ["a", "4", "@", "l", "|", "1", "!", "7", "(", "q", "W", "e", "R", "İ", "ı", "ß", "ﷺ", "\u0301", "🐎", "٣", "/", ".", "-", "\0", "\t", "\ufffe", "\ud800", "\udc00", "2", "0", "9"];
        var texts = Gen.Elements(signs).ListOf().Resize(300).Select(list => string.Concat(list));
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            _ = Rules.Check(PlainPassword.From(text), new PasswordContext([text, text + "@" + text + ".com"], false));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void The_longest_hostile_passwords_among_thousands_of_words_are_judged_and_refused()
    {
        string[] texts =
        [
            new('1', 256), string.Concat(Enumerable.Repeat("l|1!7", 51)), string.Concat(Enumerable.Repeat("qWeR", 64)), new('\ufdfa', 256), string.Concat(Enumerable.Repeat("ab", 127)) + "c",
            string.Concat(Enumerable.Repeat("🐎", 255)) + "x", new string('a', 255) + "b",
        ];
        var words = Enumerable.Range(0, 2000).Select(i => $"word{i} " + new string('a', i % 300)).ToList();
        Assert.All(texts, text => Assert.NotEmpty(Rules.Check(PlainPassword.From(text), new PasswordContext(words, false))));
    }

    [Theory]
    [InlineData("Ab1ab1ab", "Ab1")]
    [InlineData("ababababc", "abc")]
    [InlineData("xaaaaaaaay", "xay")]
    [InlineData("🐎🐎🐎🐎x", "🐎x")]
    [InlineData("banana", "banana")]
    [InlineData("correct horse", "correct horse")]
    [InlineData("q", "q")]
    [InlineData("", "")]
    public void What_is_repeated_counts_once(string password, string counted) => Assert.Equal(counted, CommonPasswords.WithoutRepetition(password));

    [Fact]
    public void The_estimator_sees_64_code_points_and_no_more()
    {
        // Its work grows faster than the length: what bounds it is that the rest is never shown to it.
        var random = string.Concat(Enumerable.Range(0, 64).Select(i => (char)('a' + i * 7 % 26)));
        var judged = Lenient.Judge(PlainPassword.From(random), PasswordContext.Empty);
        foreach (var tail in new[] { "aaaaaaaaaaaaaaaa", "password", new string('z', 192) })
        {
            Assert.Equal(judged.Score, Lenient.Judge(PlainPassword.From(random + tail), PasswordContext.Empty).Score);
        }
    }

    [Fact]
    public void A_context_word_that_covers_the_whole_password_never_throws_in_the_estimator()
    {
        // The estimator counts ways to capitalise in 64 bits: a long word would overflow them.
        var text = string.Concat(Enumerable.Repeat("xY", 20)) + "q";
        var much = string.Concat(Enumerable.Repeat("wXyZ", 16));
        _ = Rules.Check(PlainPassword.From(text), new PasswordContext([text], false));
        _ = Rules.Check(PlainPassword.From(much), new PasswordContext([much], false));
    }
}
