using System.Diagnostics;
using System.Security.Cryptography;
using Holdfast.Secrets;

namespace Holdfast.Features.TwoFactor;

/// <summary>
/// 80 random bits that stand in for a lost app, once (NIST SP 800-63B-4 §3.1.2.1, ASVS 6.5.2): 16 of Crockford's symbols in groups of four. Too many to be guessed, so a keyed
/// hash is enough to store. It cannot be printed; <see cref="Reveal"/> is for the page that shows it once.
/// </summary>
[DebuggerDisplay("[code]")]
public readonly struct RecoveryCode
{
    /// <summary>How many a person gets at once.</summary>
    public const int Count = 10;

    /// <summary>From so many left on the pages ask for new ones.</summary>
    public const int Few = 3;

    private const int Bytes = 10;
    private const int Symbols = 16;

    private readonly string _symbols;

    private RecoveryCode(string symbols) => _symbols = symbols;

    public static RecoveryCode New() => new(Base32.Encode(RandomNumberGenerator.GetBytes(Bytes), Base32.Crockford));

    /// <summary>Reads what was typed: any case, with or without groups, O for 0, I and L for 1. False for anything that is no such code.</summary>
    public static bool TryParse(PlainCode typed, out RecoveryCode code)
    {
        var symbols = typed.Symbols().Replace('O', '0').Replace('I', '1').Replace('L', '1');
        var fits = symbols.Length == Symbols && symbols.All(c => Base32.Crockford.Contains(c, StringComparison.Ordinal));
        code = fits ? new RecoveryCode(symbols) : default;
        return fits;
    }

    /// <summary>As people see it: <c>7KMQ-X4TD-9WHR-2PNC</c>.</summary>
    public string Reveal() => string.Join('-', Base32.Groups(_symbols));

    /// <summary>What is stored, under the newest key.</summary>
    public byte[] Hash(KeyRing keys, string accountId) => keys.Hash(Purpose, Bound(accountId));

    /// <summary>Under each key: what was stored before the key was changed is found as well.</summary>
    public IReadOnlyList<byte[]> HashWithEach(KeyRing keys, string accountId) => keys.HashWithEach(Purpose, Bound(accountId));

    public override string ToString() => "[code]";

    private const string Purpose = "recovery code";

    private string Bound(string accountId) => $"{accountId}\n{_symbols}";
}
