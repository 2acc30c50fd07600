using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Xunit;

namespace Holdfast.Tests.Secrets;

public sealed class SecretTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static KeyRing Ring(params string[] lines) => KeyRing.Parse(lines, "test");

    private static string Key() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public void A_token_is_read_back_from_its_text_and_from_nothing_else()
    {
        for (var i = 0; i < 200; i++)
        {
            var token = SecretToken.New();
            var text = token.Reveal();
            Assert.Equal(SecretToken.TextLength, text.Length);
            Assert.True(SecretToken.TryParse(text, out var again));
            Assert.Equal((text, token.Hash), (again.Reveal(), again.Hash));
            Assert.True(SecretToken.TryHash(text, out var hash));
            Assert.Equal(token.Hash, hash);
            // 43 symbols hold 258 bits: of the last symbol's 64 values only those with two zero bits at the end are canonical.
            Assert.Equal(1, Alphabet.Count(last => SecretToken.TryHash(text[..42] + last, out var other) && other == hash));
            foreach (var bad in new[] { text[..42], text + "A", text + "=", " " + text[1..], text[..42] + " ", text[..42] + "+", text[..42] + "/", text[..42] + "\0" }) Assert.False(SecretToken.TryHash(bad, out _), bad);
        }
    }

    [Fact]
    public void Every_text_that_is_taken_for_a_token_is_the_text_that_the_token_has()
    {
        var texts = Gen.Elements((Alphabet + "=+/ \n").ToCharArray()).ArrayOf(43).Select(chars => new string(chars));
        Prop.ForAll(texts.ToArbitrary(), text => !SecretToken.TryParse(text, out var token) || token.Reveal() == text).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000));
        Prop.ForAll<string?>(text => !SecretToken.TryParse(text, out var token) || token.Reveal() == text).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Hashes_survive_their_bytes_and_tokens_never_print()
    {
        Prop.ForAll<byte[]>(bytes => TokenHash.FromBytes(TokenHash.Of(bytes).ToBytes()) == TokenHash.Of(bytes)).QuickCheckThrowOnFailure();
        var token = SecretToken.New();
        Assert.Equal("[token] [hash]", $"{token} {token.Hash}");
        Assert.Equal(SHA256.HashData(System.Buffers.Text.Base64Url.DecodeFromChars(token.Reveal())), token.Hash.ToBytes());
    }

    [Fact]
    public void What_is_sealed_opens_for_its_purpose_and_unaltered_alone()
    {
        var ring = Ring(Key());
        Prop.ForAll<byte[], string>((plain, purpose) =>
        {
            var box = ring.Seal(purpose ?? "", plain);
            if (!ring.Open(purpose ?? "", box)!.SequenceEqual(plain) || ring.Open(purpose + "x", box) is not null) return false;
            for (var i = 0; i < box.Length; i += Math.Max(1, box.Length / 7))
            {
                var altered = (byte[])box.Clone();
                altered[i] ^= 1;
                if (ring.Open(purpose ?? "", altered) is not null) return false;
            }
            return ring.Open(purpose ?? "", box.AsSpan(1)) is null && ring.Open(purpose ?? "", box.AsSpan(0, box.Length - 1)) is null;
        }).QuickCheckThrowOnFailure();
        Assert.Null(ring.Open("x", []));
        Assert.NotEqual(ring.Seal("x", [1, 2, 3]), ring.Seal("x", [1, 2, 3]));
    }

    [Fact]
    public void A_new_key_in_front_seals_and_hashes_while_the_old_one_still_opens()
    {
        var (old, next) = (Key(), Key());
        var (before, after, without) = (Ring(old), Ring("# newest first", next, "", "  " + old), Ring(next));
        var box = before.Seal("letter", [7]);
        Assert.Equal([7], after.Open("letter", box)!);
        Assert.Null(without.Open("letter", box));
        Assert.Null(before.Open("letter", after.Seal("letter", [7])));
        Assert.Equal(after.Hash("throttle", "a"), without.Hash("throttle", "a"));
        Assert.NotEqual(before.Hash("throttle", "a"), after.Hash("throttle", "a"));
        Assert.NotEqual(after.Hash("throttle", "a"), after.Hash("other", "a"));
        Assert.Equal([without.Fingerprints[0], before.Fingerprints[0]], after.Fingerprints);
        Assert.DoesNotContain(old, string.Join(' ', after.Fingerprints), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a remark")]
    [InlineData("not base64!")]
    [InlineData("c2hvcnQ=")]
    public void A_file_without_keys_of_32_bytes_stops_the_start_and_is_not_quoted(string line)
    {
        var error = Assert.Throws<SettingsException>(() => Ring(line));
        Assert.Equal("Keys:Path", error.Key);
        if (line.Length > 0) Assert.DoesNotContain(line, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_file_is_made_once_and_readable_by_its_owner_alone()
    {
        var folder = Directory.CreateTempSubdirectory("holdfast-keys-");
        try
        {
            var path = Path.Combine(folder.FullName, "deep", "er", "holdfast.keys");
            Assert.Throws<SettingsException>(() => KeyRing.Open(path, create: false));
            var made = KeyRing.Open(path, create: true);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(made.Fingerprints, KeyRing.Open(path, create: true).Fingerprints);
            Assert.Equal(made.Fingerprints, KeyRing.Open(path, create: false).Fingerprints);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_password_never_prints_and_is_never_written()
    {
        var password = PlainPassword.From("correct horse battery");
        Assert.Equal("[password]", $"{password}");
        Assert.Equal("[password]", string.Format(System.Globalization.CultureInfo.InvariantCulture, "{0}", password));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(password));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(new { password }));
        Assert.DoesNotContain(typeof(PlainPassword).GetProperties(), property => property.PropertyType == typeof(string));
        Assert.True(JsonSerializer.Deserialize<PlainPassword>("\"correct horse battery\"")!.SameAs(password));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<PlainPassword>("7"));
    }

    [Fact]
    public void A_password_counts_code_points_after_composing()
    {
        Assert.Equal(4, PlainPassword.From("cafe\u0301").CodePoints);
        Assert.Equal(1, PlainPassword.From("😀").CodePoints);
        Assert.True(PlainPassword.From(null).IsEmpty);
        Assert.False(PlainPassword.From("\ud800").IsValidUnicode);
        Prop.ForAll<string?>(text => PlainPassword.From(text).SameAs(PlainPassword.From(text))).QuickCheckThrowOnFailure();
    }
}
