using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using Holdfast.Secrets;

namespace Holdfast.Features.OAuth;

/// <summary>Remembers in the address when an application asked for a new proof (prompt=login, max_age): the proof that follows serves, one from before does not, and nobody is asked twice. Rules only.</summary>
public sealed class ProofMark(KeyRing keys)
{
    public const string Parameter = "proof_since";

    /// <summary>Longer than that, and the application asks anew.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    public string Make(string clientId, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return $"{at}.{Base64Url.EncodeToString(keys.Hash("proof mark", $"{clientId}\n{at}"))}";
    }

    /// <summary>Null for one that we did not make for this application, or that is too old.</summary>
    public DateTimeOffset? Read(string clientId, string? mark, DateTimeOffset now)
    {
        if (mark?.Split('.') is not [var text, var hash] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || !Base64Url.IsValid(hash)) return null;
        var given = Base64Url.DecodeFromChars(hash);
        if (!keys.HashWithEach("proof mark", $"{clientId}\n{text}").Any(right => CryptographicOperations.FixedTimeEquals(right, given))) return null;
        var since = DateTimeOffset.FromUnixTimeMilliseconds(at);
        return since + Lifetime > now ? since : null;
    }
}
