using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Configuration;

namespace Holdfast.Features.Erasure;

/// <summary>Signs a call by Standard Webhooks 1.0: HMAC-SHA256 over id, time and body, one signature for each key, so that a key can be changed without a gap.</summary>
public static class SignWebhook
{
    /// <param name="id">The same at every try: what the receiver drops doubles by.</param>
    /// <param name="at">Of this try: receivers refuse old ones.</param>
    public static void Into(HttpRequestMessage request, string id, DateTimeOffset at, byte[] body, IReadOnlyList<WebhookSecret> secrets)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", time);
        request.Headers.Add("webhook-signature", string.Join(' ', secrets.Select(secret => Signature(secret.Bytes, id, time, body))));
    }

    internal static string Signature(ReadOnlySpan<byte> secret, string id, string time, byte[] body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{time}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed));
    }
}
