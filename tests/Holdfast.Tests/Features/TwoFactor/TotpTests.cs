using System.Globalization;
using System.Text;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

public sealed class TotpTests
{
    private static readonly TotpKey Rfc = TotpKey.Of(Encoding.ASCII.GetBytes("12345678901234567890"));

    // RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void The_vectors_of_RFC_6238(long seconds, string code) => Assert.Equal(code, Text(Totp.Code(Rfc, Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds)))));

    // RFC 4226, appendix D.
    [Fact]
    public void The_vectors_of_RFC_4226() => Assert.Equal(
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"],
        Enumerable.Range(0, 10).Select(counter => Text(Totp.Code(Rfc, counter))));

    // RFC 4648 §10; lengths that need no padding.
    [Theory]
    [InlineData("", "")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobafooba", "MZXW6YTBMZXW6YTB")]
    public void The_vectors_of_RFC_4648(string text, string base32) => Assert.Equal(base32, Base32.Encode(Encoding.ASCII.GetBytes(text), Base32.Rfc4648));

    [Fact]
    public async Task A_foreign_authenticator_shows_the_same_codes()
    {
        foreach (var seconds in new long[] { 0, 59, 1_763_716_843, 1_900_000_019, 4_102_444_799 })
        {
            var (key, at) = (TotpKey.New(), DateTimeOffset.FromUnixTimeSeconds(seconds));
            var foreign = await Phone.Oathtool(key.Text(), at);
            Assert.Equal(foreign, Text(Totp.Code(key, Totp.StepAt(at))));
            Assert.Equal(foreign, Phone.At(key.Text(), at));
        }
    }

    [Fact]
    public void A_code_fits_one_step_early_and_late_and_no_further()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_763_716_843);
        var here = Totp.StepAt(at);
        for (var step = here - 3; step <= here + 3; step++)
        {
            Assert.True(TotpCode.TryParse(PlainCode.From(Text(Totp.Code(Rfc, step))), out var typed, out _));
            Assert.Equal(Math.Abs(step - here) <= 1 ? step : null, Totp.StepOf(Rfc, typed, at));
        }
    }

    [Theory]
    [InlineData("287082", 6)]
    [InlineData("287 082", 6)]
    [InlineData(" 287\u00a0082\t", 6)]
    [InlineData("2-8-7-0-8-2", 6)]
    [InlineData("\u0662\u0668\u0667\u0660\u0668\u0662", 6)]
    [InlineData("28708", 5)]
    [InlineData("2870822", 7)]
    [InlineData("", 0)]
    [InlineData("28708x", -1)]
    [InlineData("-287082.0", -1)]
    public void What_people_type_is_read_in_every_grouping_and_script(string typed, int count)
    {
        Assert.Equal(count == 6, TotpCode.TryParse(PlainCode.From(typed), out var code, out var counted));
        Assert.Equal(count, counted);
        if (count == 6) Assert.True(code.Is(287082));
    }

    [Fact]
    public void Keys_are_160_random_bits_in_32_symbols_and_print_nothing()
    {
        var keys = Enumerable.Range(0, 200).Select(_ => TotpKey.New()).ToList();
        Assert.Equal(200, keys.Select(key => key.Text()).Distinct(StringComparer.Ordinal).Count());
        Assert.All(keys, key => Assert.Matches("^[A-Z2-7]{32}$", key.Text()));
        Assert.Equal(8, keys[0].Groups().Count());
        Assert.Equal("[key]", $"{keys[0]}");
        Assert.Equal("[code]", $"{PlainCode.From("123456")}");
        Assert.True(TotpCode.TryParse(PlainCode.From("123456"), out var code, out _));
        Assert.Equal("[code]", $"{code}");
    }

    [Fact]
    public void The_address_for_the_app_escapes_what_people_are_called()
    {
        var uri = Rfc.Uri("Quayside: Ärger & Söhne", "o'neil+home@quayside.example");
        Assert.Equal("otpauth://totp/Quayside%20%C3%84rger%20%26%20S%C3%B6hne:o%27neil%2Bhome%40quayside.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Quayside%20%C3%84rger%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30", uri);
    }

    [Fact]
    public void A_sealed_key_opens_for_its_own_app_of_its_own_account_only()
    {
        var ring = KeyRing.Parse([Convert.ToBase64String(new byte[32])], "keys");
        var stored = Rfc.Seal(ring, "account", "app");
        Assert.Equal(Rfc.Text(), TotpKey.Open(ring, "account", "app", stored)!.Text());
        Assert.Null(TotpKey.Open(ring, "account", "other", stored));
        Assert.Null(TotpKey.Open(ring, "other", "app", stored));
        var other = KeyRing.Parse([Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)])], "keys");
        Assert.Null(TotpKey.Open(other, "account", "app", stored));
        // After the key was changed the old one still opens.
        var both = KeyRing.Parse([Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]), Convert.ToBase64String(new byte[32])], "keys");
        Assert.Equal(Rfc.Text(), TotpKey.Open(both, "account", "app", stored)!.Text());
    }

    private static string Text(int code) => code.ToString("000000", CultureInfo.InvariantCulture);
}
