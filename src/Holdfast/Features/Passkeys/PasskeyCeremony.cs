using System.Buffers.Text;
using System.Formats.Cbor;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Holdfast.Features.Passkeys;

/// <summary>A new passkey whose making was verified.</summary>
public sealed record MadePasskey(byte[] CredentialId, byte[] PublicKey, long SignCount, string Transports, bool BackupEligible, bool BackedUp, byte[] Aaguid);

/// <summary>A signature that was verified. Whether its counter has gone on is not asked yet.</summary>
public sealed record VerifiedPasskey(Passkey Passkey, long SignCount, bool BackedUp);

/// <summary>
/// The framework's passkey handler (WebAuthn L3 §7.1, §7.2) in our words: the host name and the origin come from <c>PublicUrl</c>, never from a request; the person is verified by the authenticator each time; no frame of another
/// site; ES256 and RS256; no attestation. It verifies and remembers nothing.
/// </summary>
public sealed class PasskeyCeremony
{
    private const int Es256 = -7;
    private const int Rs256 = -257;

    private static readonly string[] Transports = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

    private readonly RelyingParty _here;
    private readonly KeyRing _keys;
    private readonly string _product;
    private readonly IOptions<IdentityPasskeyOptions> _options;

    public PasskeyCeremony(RelyingParty here, KeyRing keys, HoldfastSettings settings)
    {
        (_here, _keys, _product) = (here, keys, settings.Product.Name);
        _options = Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = here.Id,
            ValidateOrigin = said => ValueTask.FromResult(string.Equals(said.Origin, here.Origin, StringComparison.Ordinal) && !said.CrossOrigin && string.IsNullOrEmpty(said.TopOrigin)),
            AuthenticatorTimeout = PasskeyTicket.Lifetime,
            ChallengeSize = 32,
            UserVerificationRequirement = "required",
            // One that the authenticator finds by itself: it signs in without an address.
            ResidentKeyRequirement = "required",
            AttestationConveyancePreference = "none",
            IsAllowedAlgorithm = algorithm => algorithm is Es256 or Rs256,
        });
    }

    /// <summary>Asks for a signature.</summary>
    /// <param name="holder">Whose passkeys will do; null leaves it to the person, who is not known yet.</param>
    public async Task<PasskeyChallenge> Ask(PasskeyPurpose purpose, PasskeyHolder? holder, DateTimeOffset now)
    {
        var made = await Handler(holder).MakeRequestOptionsAsync(holder, new DefaultHttpContext());
        return Seal(purpose, made.AssertionState!, made.RequestOptionsJson, now);
    }

    /// <summary>Asks for a new passkey. The authenticator makes none where it has one of these already.</summary>
    public async Task<PasskeyChallenge> AskNew(PasskeyPurpose purpose, PasskeyHolder holder, string email, string name, DateTimeOffset now)
    {
        var made = await Handler(holder).MakeCreationOptionsAsync(new PasskeyUserEntity { Id = holder.Handle, Name = email, DisplayName = name }, new DefaultHttpContext());
        // The handler calls the product by its host name; people know it by another.
        var options = JsonNode.Parse(made.CreationOptionsJson)!;
        options["rp"]!["name"] = _product;
        return Seal(purpose, made.AttestationState!, options.ToJsonString(), now);
    }

    /// <summary>Null when the ticket was not made here, is for another purpose, or is over.</summary>
    public PasskeyTicket? Open(PasskeyPurpose purpose, string ticket, DateTimeOffset now) => PasskeyTicket.Open(_keys, purpose, ticket, now);

    /// <returns>Null when anything about it is wrong.</returns>
    public async Task<MadePasskey?> VerifyNew(PasskeyTicket ticket, PasskeyHolder holder, string credential)
    {
        var result = await Handler(holder).PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = new DefaultHttpContext(), CredentialJson = credential, AttestationState = ticket.State });
        if (!result.Succeeded || result.UserEntity.Id != holder.Handle || !result.Passkey.IsUserVerified) return null;
        var made = result.Passkey;
        // By the browser's word, which may be anything: kept are the names that there are.
        var transports = string.Join(' ', (made.Transports ?? []).Intersect(Transports, StringComparer.Ordinal).Order(StringComparer.Ordinal));
        return new MadePasskey(made.CredentialId, made.PublicKey, made.SignCount, transports, made.IsBackupEligible, made.IsBackedUp, AaguidOf(made.AttestationObject));
    }

    /// <returns>Null when anything about it is wrong.</returns>
    public async Task<VerifiedPasskey?> Verify(PasskeyTicket ticket, PasskeyHolder holder, string credential)
    {
        var result = await Handler(holder).PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = new DefaultHttpContext(), CredentialJson = credential, AssertionState = ticket.State });
        if (!result.Succeeded || result.User.AccountId != holder.AccountId) return null;
        var used = holder.Passkeys.Single(p => p.CredentialId.AsSpan().SequenceEqual(result.Passkey.CredentialId));
        return new VerifiedPasskey(used, result.Passkey.SignCount, result.Passkey.IsBackedUp);
    }

    /// <summary>The id of the credential that an answer is about: what it is looked up by, before anything is believed.</summary>
    /// <returns>1 to 1023 bytes; null when there is none.</returns>
    public static byte[]? IdOf(string credential)
    {
        try
        {
            using var json = JsonDocument.Parse(credential);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String) return null;
            var text = id.GetString()!;
            if (text.Length is 0 or > 1364 || !Base64Url.IsValid(text)) return null;
            return Base64Url.DecodeFromChars(text) is { Length: > 0 and <= 1023 } bytes ? bytes : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, or text that is no Unicode.
            return null;
        }
    }

    /// <summary>Bytes 37 to 53 of the authenticator data (WebAuthn L3 §6.5.1), which the handler has verified and does not tell.</summary>
    private static byte[] AaguidOf(byte[] attestation)
    {
        var reader = new CborReader(attestation, CborConformanceMode.Lax);
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            if (reader.ReadTextString() == "authData") return reader.ReadByteString()[37..53];
            reader.SkipValue();
        }
        return new byte[16];
    }

    private PasskeyChallenge Seal(PasskeyPurpose purpose, string state, string options, DateTimeOffset now)
    {
        var ticket = new PasskeyTicket(state, now + PasskeyTicket.Lifetime);
        return new PasskeyChallenge(ticket.Seal(_keys, purpose), options, ticket.EndsAt);
    }

    private PasskeyHandler<PasskeyHolder> Handler(PasskeyHolder? holder) => new(PasskeyStore.Manager(holder), _options);
}
