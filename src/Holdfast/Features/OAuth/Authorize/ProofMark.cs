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

    /// <param name="atSignIn">The person is sent to sign in rather than to prove themselves: coming back with too little is no refusal of theirs.</param>
    public string Make(AuthorizeRequest request, bool atSignIn, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) + (atSignIn ? "s" : "");
        return $"{at}.{Base64Url.EncodeToString(keys.Hash(Purpose, Bound(request, at)))}";
    }

    /// <summary>Null for one that we did not make for just this request, or that is too old: a mark from another would make an old proof look new.</summary>
    public (DateTimeOffset Since, bool AtSignIn)? Read(AuthorizeRequest request, string? mark, DateTimeOffset now)
    {
        if (mark?.Split('.') is not [var text, var hash] || !long.TryParse(text.TrimEnd('s'), NumberStyles.None, CultureInfo.InvariantCulture, out var at) || !Base64Url.IsValid(hash)) return null;
        var given = Base64Url.DecodeFromChars(hash);
        if (!keys.HashWithEach(Purpose, Bound(request, text)).Any(right => CryptographicOperations.FixedTimeEquals(right, given))) return null;
        var since = DateTimeOffset.FromUnixTimeMilliseconds(at);
        return since <= now && since + Lifetime > now ? (since, text.EndsWith('s')) : null;
    }

    /// <summary>What an application makes anew for each request: nobody can have a mark for it that was made before.</summary>
    private static string Bound(AuthorizeRequest request, string at) => $"{request.Client.Id}\n{request.Redirect}\n{request.Challenge}\n{request.State}\n{at}";

    private const string Purpose = "proof mark";
}
