using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

public sealed class RecoveryCodeTests
{
    private static readonly KeyRing Ring = KeyRing.Parse([Convert.ToBase64String(new byte[32])], "keys");

    [Fact]
    public void A_code_is_sixteen_unmistakable_symbols_in_groups_of_four()
    {
        var codes = Enumerable.Range(0, 500).Select(_ => RecoveryCode.New()).ToList();
        Assert.All(codes, code => Assert.Matches("^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$", code.Reveal()));
        Assert.Equal(500, codes.Select(code => code.Reveal()).Distinct(StringComparer.Ordinal).Count());
        // Every symbol comes up: all 80 bits are used.
        Assert.Equal(32, codes.SelectMany(code => code.Reveal()).Where(c => c != '-').Distinct().Count());
        Assert.Equal("[code]", $"{codes[0]}");
    }

    [Theory]
    [InlineData("7KMQ-X4TD-9WHR-2PNC")]
    [InlineData("7kmq-x4td-9whr-2pnc")]
    [InlineData("7KMQX4TD9WHR2PNC")]
    [InlineData("  7kmq x4td\t9whr 2pnc ")]
    [InlineData("7KMQ–X4TD—9WHR‑2PNC")]
    [InlineData("7-K-M-Q-X-4-T-D-9-W-H-R-2-P-N-C")]
    public void It_is_read_in_any_case_and_grouping(string typed)
    {
        Assert.True(RecoveryCode.TryParse(PlainCode.From(typed), out var code));
        Assert.Equal("7KMQ-X4TD-9WHR-2PNC", code.Reveal());
    }

    [Fact]
    public void Symbols_that_look_alike_are_the_same()
    {
        Assert.True(RecoveryCode.TryParse(PlainCode.From("o0O0-iIlL-1111-AAAA"), out var code));
        Assert.Equal("0000-1111-1111-AAAA", code.Reveal());
    }

    [Theory]
    [InlineData("")]
    [InlineData("123456")]
    [InlineData("7KMQ-X4TD-9WHR-2PN")]
    [InlineData("7KMQ-X4TD-9WHR-2PNCC")]
    [InlineData("7KMQ-X4TD-9WHR-2PNU")]
    [InlineData("7KMQ-X4TD-9WHR-2PNÄ")]
    [InlineData("7KMQ/X4TD/9WHR/2PNC")]
    public void Anything_else_is_no_code(string typed) => Assert.False(RecoveryCode.TryParse(PlainCode.From(typed), out _));

    [Fact]
    public void The_stored_hash_belongs_to_one_account_and_one_key()
    {
        Assert.True(RecoveryCode.TryParse(PlainCode.From("7KMQ-X4TD-9WHR-2PNC"), out var code));
        var stored = code.Hash(Ring, "account");
        Assert.Equal(32, stored.Length);
        Assert.NotEqual(stored, code.Hash(Ring, "other"));
        var other = Convert.ToBase64String([.. Enumerable.Repeat((byte)1, 32)]);
        Assert.NotEqual(stored, code.Hash(KeyRing.Parse([other], "keys"), "account"));
        // After the key was changed the old one still finds it.
        Assert.Contains(code.HashWithEach(KeyRing.Parse([other, Convert.ToBase64String(new byte[32])], "keys"), "account"), hash => hash.AsSpan().SequenceEqual(stored));
    }
}
