using System.Security.Cryptography;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>What an application on a server shows to be itself: 256 random bits, kept as a keyed hash.</summary>
public static class ClientSecret
{
    /// <summary>Lets scanners for lost secrets recognise one.</summary>
    public const string Prefix = "hf_client_";

    /// <summary>The only copy in the clear, and the row to keep.</summary>
    public static (string Text, ClientSecretRow Row) New(KeyRing keys, string clientId, DateTimeOffset now)
    {
        var text = Prefix + SecretToken.New().Reveal();
        return (text, new ClientSecretRow { Id = Ids.New(now), SecretHash = keys.Hash(Purpose, $"{clientId}\n{text}"), KeyId = keys.NewestId, MadeAt = now });
    }

    /// <summary>Compared in constant time, under each key of the ring.</summary>
    public static bool Matches(KeyRing keys, string clientId, string text, IEnumerable<ClientSecretRow> rows)
    {
        var hashes = keys.HashWithEach(Purpose, $"{clientId}\n{text}");
        var matches = false;
        foreach (var row in rows) foreach (var hash in hashes) matches |= CryptographicOperations.FixedTimeEquals(row.SecretHash, hash);
        return matches;
    }

    /// <summary>The same for those that stand in the settings.</summary>
    public static bool Matches(KeyRing keys, string clientId, string text, IReadOnlyList<string> secrets)
    {
        var hash = keys.Hash(Purpose, $"{clientId}\n{text}");
        var matches = false;
        foreach (var secret in secrets) matches |= CryptographicOperations.FixedTimeEquals(keys.Hash(Purpose, $"{clientId}\n{secret}"), hash);
        return matches;
    }

    private const string Purpose = "client secret";
}
