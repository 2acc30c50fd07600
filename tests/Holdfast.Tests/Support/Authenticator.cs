using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Holdfast.Tests.Support;

/// <summary>A passkey in a <see cref="Authenticator"/>: its private half.</summary>
public sealed class KeptPasskey(byte[] id, byte[] userHandle, AsymmetricAlgorithm key)
{
    public byte[] Id { get; } = id;

    public byte[] UserHandle { get; set; } = userHandle;

    public uint Count { get; set; }

    public string IdText => Base64Url.EncodeToString(Id);

    public byte[] Sign(byte[] data) => key switch
    {
        ECDsa ec => ec.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
        RSA rsa => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        _ => throw new NotSupportedException(),
    };

    /// <summary>The same key once more, with a count of its own: what a thief has who could copy it.</summary>
    public KeptPasskey Clone() => new(Id, UserHandle, key) { Count = Count };

    /// <summary>The public half in COSE (RFC 9053 §7, RFC 8230 §4).</summary>
    internal byte[] Cose()
    {
        var cbor = new CborWriter(CborConformanceMode.Ctap2Canonical);
        if (key is ECDsa ec)
        {
            var point = ec.ExportParameters(false).Q;
            cbor.WriteStartMap(5);
            foreach (var (label, value) in new[] { (1, 2), (3, -7), (-1, 1) }) { cbor.WriteInt32(label); cbor.WriteInt32(value); }
            cbor.WriteInt32(-2); cbor.WriteByteString(point.X!);
            cbor.WriteInt32(-3); cbor.WriteByteString(point.Y!);
        }
        else
        {
            var rsa = ((RSA)key).ExportParameters(false);
            cbor.WriteStartMap(4);
            cbor.WriteInt32(1); cbor.WriteInt32(3);
            cbor.WriteInt32(3); cbor.WriteInt32(-257);
            cbor.WriteInt32(-1); cbor.WriteByteString(rsa.Modulus!);
            cbor.WriteInt32(-2); cbor.WriteByteString(rsa.Exponent!);
        }
        cbor.WriteEndMap();
        return cbor.Encode();
    }
}

/// <summary>An authenticator and the browser before it, in software, written apart from the server's own (WebAuthn L3 §6, §5.8.1). What it says wrongly, a test has asked for.</summary>
public sealed class Authenticator
{
    public string Origin { get; init; } = TestSettings.PublicUrl;

    public string RpId { get; init; } = "localhost";

    public bool UserPresent { get; init; } = true;

    public bool UserVerified { get; init; } = true;

    /// <summary>A keychain that several devices share.</summary>
    public bool Synced { get; init; }

    /// <summary>Counts its uses; keychains do not.</summary>
    public bool Counts { get; init; } = true;

    public bool Rsa { get; init; }

    public bool CrossOrigin { get; init; }

    public string? TopOrigin { get; init; }

    public Guid Aaguid { get; init; }

    public List<KeptPasskey> Kept { get; init; } = [];

    public KeptPasskey Last => Kept[^1];

    /// <summary>The same keys with other habits.</summary>
    public Authenticator But(string? origin = null, string? rpId = null, bool? present = null, bool? verified = null, bool crossOrigin = false, string? topOrigin = null) => new()
    {
        Origin = origin ?? Origin, RpId = rpId ?? RpId, UserPresent = present ?? UserPresent, UserVerified = verified ?? UserVerified, CrossOrigin = crossOrigin, TopOrigin = topOrigin,
        Synced = Synced, Counts = Counts, Rsa = Rsa, Aaguid = Aaguid, Kept = Kept,
    };

    /// <summary>As <c>navigator.credentials.create</c> and <c>toJSON</c> would.</summary>
    /// <param name="id">The credential's id; null takes a random one.</param>
    public object Make(JsonElement options, byte[]? id = null)
    {
        var passkey = new KeptPasskey(id ?? RandomNumberGenerator.GetBytes(32), Base64Url.DecodeFromChars(options.GetProperty("user").GetProperty("id").GetString()), Rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256));
        Kept.Add(passkey);
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)passkey.Id.Length);
        byte[] data = [.. Data(passkey, 0x40), .. Aaguid.ToByteArray(bigEndian: true), .. length, .. passkey.Id, .. passkey.Cose()];
        var cbor = new CborWriter(CborConformanceMode.Ctap2Canonical);
        cbor.WriteStartMap(3);
        cbor.WriteTextString("fmt"); cbor.WriteTextString("none");
        cbor.WriteTextString("attStmt"); cbor.WriteStartMap(0); cbor.WriteEndMap();
        cbor.WriteTextString("authData"); cbor.WriteByteString(data);
        cbor.WriteEndMap();
        return Credential(passkey, new { clientDataJSON = Text(ClientData("webauthn.create", options)), attestationObject = Text(cbor.Encode()), transports = new[] { "internal", "hybrid" } });
    }

    /// <summary>As <c>navigator.credentials.get</c> and <c>toJSON</c> would.</summary>
    /// <param name="with">Null takes the last one that was made.</param>
    public object Sign(JsonElement options, KeptPasskey? with = null, byte[]? userHandle = null)
    {
        var passkey = with ?? Last;
        if (Counts) passkey.Count++;
        var (client, data) = (ClientData("webauthn.get", options), Data(passkey, 0));
        var signature = passkey.Sign([.. data, .. SHA256.HashData(client)]);
        return Credential(passkey, new { clientDataJSON = Text(client), authenticatorData = Text(data), signature = Text(signature), userHandle = Text(userHandle ?? passkey.UserHandle) });
    }

    private static object Credential(KeptPasskey passkey, object response) =>
        new { id = passkey.IdText, rawId = passkey.IdText, type = "public-key", authenticatorAttachment = "platform", clientExtensionResults = new { }, response };

    private byte[] ClientData(string type, JsonElement options)
    {
        var said = new Dictionary<string, object> { ["type"] = type, ["challenge"] = options.GetProperty("challenge").GetString()!, ["origin"] = Origin, ["crossOrigin"] = CrossOrigin };
        if (TopOrigin is not null) said["topOrigin"] = TopOrigin;
        return JsonSerializer.SerializeToUtf8Bytes(said);
    }

    private byte[] Data(KeptPasskey passkey, int flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, passkey.Count);
        flags |= (UserPresent ? 0x01 : 0) | (UserVerified ? 0x04 : 0) | (Synced ? 0x18 : 0);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RpId)), (byte)flags, .. count];
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}

/// <summary>What a visitor does with an authenticator, the way scripts do.</summary>
public static class PasskeyVisits
{
    /// <param name="path">Where challenges for this are asked for.</param>
    public static async Task<(string Ticket, JsonElement Options)> Challenge(this Visitor visitor, string path)
    {
        var answer = (await visitor.Post(path)).Expect(200).Json;
        return (answer.GetProperty("ticket").GetString()!, answer.GetProperty("options"));
    }

    public static async Task<Answer> AddPasskey(this Visitor visitor, Authenticator authenticator, string? name = null, byte[]? id = null)
    {
        var (ticket, options) = await visitor.Challenge("/api/v1/me/passkeys/options");
        return await visitor.Post("/api/v1/me/passkeys", new { ticket, credential = authenticator.Make(options, id), name });
    }

    public static async Task<Answer> SignInBy(this Visitor visitor, Authenticator authenticator, KeptPasskey? with = null, bool keep = false)
    {
        var (ticket, options) = await visitor.Challenge("/api/v1/sign-in/passkey/options");
        return await visitor.Post("/api/v1/sign-in/passkey", new { ticket, credential = authenticator.Sign(options, with), keep });
    }

    public static async Task<Answer> VerifyBy(this Visitor visitor, Authenticator authenticator, KeptPasskey? with = null)
    {
        var (ticket, options) = await visitor.Challenge("/api/v1/sign-in/verify/passkey-options");
        return await visitor.Post("/api/v1/sign-in/verify", new { passkey = new { ticket, credential = authenticator.Sign(options, with) } });
    }

    public static async Task<Answer> StepUpBy(this Visitor visitor, Authenticator authenticator, KeptPasskey? with = null)
    {
        var (ticket, options) = await visitor.Challenge("/api/v1/step-up/passkey-options");
        return await visitor.Post("/api/v1/step-up", new { passkey = new { ticket, credential = authenticator.Sign(options, with) } });
    }

    /// <summary>Somebody whose only factor is a passkey, and a browser in which they are signed in.</summary>
    public static async Task<(Person Person, Authenticator Authenticator, Visitor Visitor, IReadOnlyList<string> Codes)> AddWithPasskey(
        this TestApp app, string email = "tomasz@almondbirch.example", string name = "Tomasz Wiśniewski", Authenticator? authenticator = null)
    {
        var person = await app.AddAccount(email, name);
        var visitor = await app.SignedIn(person);
        authenticator ??= new Authenticator();
        var codes = (await visitor.AddPasskey(authenticator)).Expect(200).Json.GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!).ToList();
        (await visitor.Post("/api/v1/two-factor/recovery-codes/saved")).Expect(204);
        return (person, authenticator, visitor, codes);
    }
}
