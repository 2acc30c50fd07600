using System.Security.Cryptography;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Webhooks;

/// <summary>What calls of an endpoint are signed with: 256 random bits as Standard Webhooks writes them (<c>whsec_</c> and base64). Kept sealed, because it has to be used again.</summary>
public static class SigningSecret
{
    /// <summary>Makes one and keeps it.</summary>
    /// <returns>The only copy in the clear that anybody is shown.</returns>
    internal static async Task<string> Make(WriteTx tx, KeyRing keys, string endpointId, DateTimeOffset now)
    {
        var (id, text) = (Ids.New(now), "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        await WebhookTable.AddSecret(tx, endpointId, id, keys.Seal(Purpose(endpointId, id), Encoding.ASCII.GetBytes(text)), keys.NewestId, now);
        return text;
    }

    /// <summary>Null when no key of the key file opens it.</summary>
    internal static WebhookSecret? Open(KeyRing keys, string endpointId, EndpointSecretRow row) =>
        keys.Open(Purpose(endpointId, row.Id), row.Sealed) is { } text ? WebhookSecret.Parse(Encoding.ASCII.GetString(text)) : null;

    private static string Purpose(string endpointId, string id) => $"webhook secret {endpointId} {id}";
}
