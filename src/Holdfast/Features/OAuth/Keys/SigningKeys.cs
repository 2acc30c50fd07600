using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>
/// The keys that sign (ES256: ECDSA on P-256 with SHA-256, RFC 7518 §3.4). They change by schedule (<c>OAuth:KeyRotation</c>): the next is published a day before it signs, so that applications that keep the list know it by then,
/// and the one before stays published for a day after.
/// </summary>
public sealed class SigningKeys(Db db, KeyRing keys, HoldfastSettings settings, TimeProvider clock) : IDisposable
{
    /// <summary>How long a key is published before it signs, and after it has.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    /// <summary>The public part is kept this long after, for id tokens that come back as a hint: no session is longer.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(400);

    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Known? _known;

    private sealed record Known(DateTimeOffset At, IReadOnlyList<SigningKeyRow> Rows);

    /// <summary>A signed token (RFC 7515 §7.1).</summary>
    /// <param name="type">The <c>typ</c> of its header, by which one kind of token is not taken for another (RFC 8725 §3.11).</param>
    public async Task<string> Sign(JsonObject claims, string type)
    {
        var now = clock.GetUtcNow();
        var rows = await Rows(now);
        // The oldest, where the clock was set back before all of them.
        var row = rows.FirstOrDefault(k => k.SignsFrom <= now && k.PrivateKey is not null) ?? rows.Last(k => k.PrivateKey is not null);
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(keys.Open(Purpose(row.Id), row.PrivateKey) ?? throw new CryptographicException("The signing key cannot be opened with the keys of this server"), out _);
        var text = $"{OAuthJson.Encode(new JsonObject { ["alg"] = "ES256", ["typ"] = type, ["kid"] = row.Id })}.{OAuthJson.Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }

    /// <summary>The claims of a token that one of our keys signed, whenever that was; null for anything else. What the claims say is the caller's to check.</summary>
    public async Task<JsonObject?> Read(string token, string type)
    {
        if (token.Length > 4000 || token.Split('.') is not [var head, var body, var signature] || !Base64Url.IsValid(head) || !Base64Url.IsValid(body) || !Base64Url.IsValid(signature)) return null;
        try
        {
            // The one algorithm that we sign with; what the token says of it must be that (RFC 8725 §3.1).
            if (JsonNode.Parse(Base64Url.DecodeFromChars(head)) is not JsonObject header || (string?)header["alg"] != "ES256" || (string?)header["typ"] != type) return null;
            if ((await Rows(clock.GetUtcNow())).FirstOrDefault(k => k.Id == (string?)header["kid"]) is not { } row) return null;
            using var key = ECDsa.Create(Parameters(row.PublicKey));
            return key.VerifyData(Encoding.ASCII.GetBytes($"{head}.{body}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) ? JsonNode.Parse(Base64Url.DecodeFromChars(body)) as JsonObject : null;
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or InvalidOperationException or CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>What is published (RFC 7517 §5): the key that signs, the next, and those before for a day.</summary>
    public async Task<JsonObject> Published() => new()
    {
        ["keys"] = new JsonArray([.. (await Rows(clock.GetUtcNow())).Where(k => k.RetiredAt is null).Select(k => new JsonObject
        {
            ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(k.PublicKey.AsSpan(0, 32)), ["y"] = Base64Url.EncodeToString(k.PublicKey.AsSpan(32)), ["kid"] = k.Id, ["use"] = "sig", ["alg"] = "ES256",
        })]),
    };

    /// <summary>Makes the next key when its time has come, and retires those that nobody needs. Every node does it; of two at once, one.</summary>
    public async Task Tend()
    {
        var now = clock.GetUtcNow();
        var rows = await db.Read(SigningKeyTable.All);
        if (rows.Count == 0) rows = await Make(1, now, now);
        // The newest is published, or signs already: its successor is due a day before its own time is over.
        else if (rows[0].SignsFrom + settings.OAuth.KeyRotation - Overlap <= now) rows = await Make(rows[0].Number + 1, now, Later(now + Overlap, rows[0].SignsFrom + settings.OAuth.KeyRotation));
        foreach (var (row, next) in rows.Skip(1).Zip(rows).Where(pair => pair.First.RetiredAt is null && pair.Second.SignsFrom + Overlap <= now)) await db.Write(async tx => { await SigningKeyTable.Retire(tx, row.Number, now); return 0; });
        if (rows.Any(r => r.RetiredAt + Remembered < now)) await db.Write(tx => SigningKeyTable.DeleteRetiredBefore(tx, now - Remembered));
        _known = new Known(now, await db.Read(SigningKeyTable.All));
    }

    /// <summary>They changed elsewhere: read anew before the next use.</summary>
    public void Forget() => _known = null;

    /// <summary>A new key, kept nowhere yet.</summary>
    internal SigningKeyRow New(long number, DateTimeOffset now, DateTimeOffset signsFrom)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        var id = Thumbprint(q);
        var plain = key.ExportPkcs8PrivateKey();
        var row = new SigningKeyRow { Number = number, Id = id, PublicKey = [.. q.X!, .. q.Y!], PrivateKey = keys.Seal(Purpose(id), plain), KeyId = keys.NewestId, MadeAt = now, SignsFrom = signsFrom };
        CryptographicOperations.ZeroMemory(plain);
        return row;
    }

    public void Dispose() => _turn.Dispose();

    internal static string Purpose(string id) => $"signing key {id}";

    private async ValueTask<IReadOnlyList<SigningKeyRow>> Rows(DateTimeOffset now)
    {
        if (_known is { } known && (now - known.At).Duration() < Look) return known.Rows;
        await _turn.WaitAsync();
        try
        {
            if (_known is not { } found || (now - found.At).Duration() >= Look) await Tend();
            return _known!.Rows;
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task<List<SigningKeyRow>> Make(long number, DateTimeOffset now, DateTimeOffset signsFrom)
    {
        var row = New(number, now, signsFrom);
        return db.Write(async tx =>
        {
            await SigningKeyTable.Insert(tx, row);
            return await SigningKeyTable.All(tx);
        });
    }

    /// <summary>RFC 7638 §3: SHA-256 over the required members, in the order of their names.</summary>
    private static string Thumbprint(ECPoint q) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(q.X)}}","y":"{{Base64Url.EncodeToString(q.Y)}}"}""")));

    private static ECParameters Parameters(byte[] publicKey) => new() { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = publicKey[..32], Y = publicKey[32..] } };

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
