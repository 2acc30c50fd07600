using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Holdfast.Client;

/// <summary>Why a call is not taken for one of Holdfast's.</summary>
public enum WebhookFault
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>One of the headers <c>webhook-id</c>, <c>webhook-timestamp</c>, <c>webhook-signature</c> is missing or unreadable.</summary>
    Headers,

    /// <summary>No signature fits the body with any of the keys.</summary>
    Signature,

    /// <summary>It was signed longer ago, or further ahead, than <see cref="HoldfastWebhookReader.Tolerance"/>: a copy of an old call, or a clock that is wrong.</summary>
    Timestamp,

    /// <summary>The signature fits, but the body is not what Holdfast sends.</summary>
    Body,
}

/// <summary>A call of Holdfast's, after its signature was checked.</summary>
/// <param name="Id">The same at every try of one message: what doubles are dropped by.</param>
/// <param name="SentAt">When this try was signed.</param>
/// <param name="Type">Such as <c>account.erase</c>.</param>
/// <param name="Timestamp">When it happened: the same at every try.</param>
/// <param name="Data">What it is about, as JSON.</param>
public sealed record HoldfastWebhook(string Id, DateTimeOffset SentAt, string Type, DateTimeOffset Timestamp, JsonElement Data);

/// <summary>
/// Checks calls by Standard Webhooks 1.0: HMAC-SHA256 over <c>id.timestamp.body</c>. It keeps nothing: whether a message came before is <see cref="IHoldfastWebhookLog"/>'s to say.
/// </summary>
public sealed class HoldfastWebhookReader
{
    /// <summary>How far the time of signing may be from now, either way.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string Prefix = "whsec_";
    private const int LongestId = 200;

    private readonly IReadOnlyList<byte[]> _keys;
    private readonly TimeProvider _clock;

    /// <param name="secrets">One key or more, each <c>whsec_</c> and 24 to 64 bytes in base64, separated by spaces: while a key is changed both serve.</param>
    /// <param name="clock">Null takes the system's.</param>
    /// <exception cref="ArgumentException">One of them is no such key, or there is none.</exception>
    public HoldfastWebhookReader(string secrets, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        _keys = Keys(secrets) ?? throw new ArgumentException("Each key is whsec_ and 24 to 64 bytes in base64", nameof(secrets));
        _clock = clock ?? TimeProvider.System;
    }

    /// <param name="id">Header <c>webhook-id</c>.</param>
    /// <param name="timestamp">Header <c>webhook-timestamp</c>: seconds since 1970.</param>
    /// <param name="signature">Header <c>webhook-signature</c>: one or more, separated by spaces; those of versions other than <c>v1</c> are passed over.</param>
    /// <param name="body">Byte for byte as it came.</param>
    /// <param name="webhook">The message; null with any fault.</param>
    public WebhookFault Read(string? id, string? timestamp, string? signature, ReadOnlySpan<byte> body, out HoldfastWebhook? webhook)
    {
        webhook = null;
        if (id is not { Length: > 0 and <= LongestId } || !id.All(c => c is > ' ' and < '\x7f' and not '.') || signature is not { Length: > 0 and < 2000 }
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()) return WebhookFault.Headers;
        if (!Fits(id, timestamp, signature, body)) return WebhookFault.Signature;
        var at = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if ((_clock.GetUtcNow() - at).Duration() > Tolerance) return WebhookFault.Timestamp;
        webhook = Parse(id, at, body);
        return webhook is null ? WebhookFault.Body : WebhookFault.None;
    }

    internal static IReadOnlyList<byte[]>? Keys(string secrets)
    {
        var keys = new List<byte[]>();
        foreach (var text in secrets.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = new byte[96];
            if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length > 120 || !Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) || length is < 24 or > 64) return null;
            keys.Add(bytes[..length]);
        }
        return keys.Count == 0 ? null : keys;
    }

    private bool Fits(string id, string timestamp, string signatures, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = _keys.Select(key => HMACSHA256.HashData(key, signed)).ToList();
        var fits = false;
        Span<byte> given = stackalloc byte[32];
        foreach (var one in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!one.StartsWith("v1,", StringComparison.Ordinal) || !Convert.TryFromBase64String(one[3..], given, out var length) || length != 32) continue;
            // All of them, whichever fits: how long it takes tells nothing.
            foreach (var hash in expected) fits |= CryptographicOperations.FixedTimeEquals(hash, given);
        }
        return fits;
    }

    private static HoldfastWebhook? Parse(string id, DateTimeOffset at, ReadOnlySpan<byte> body)
    {
        try
        {
            var json = JsonElement.Parse(body);
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && json.TryGetProperty("timestamp", out var moment) && moment.TryGetDateTimeOffset(out var happened)
                && json.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object ? new HoldfastWebhook(id, at, type.GetString()!, happened, data) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
