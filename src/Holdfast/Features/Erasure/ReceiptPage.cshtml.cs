using System.Text;
using System.Text.Json;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Erasure;

/// <summary>The receipt of a deletion at its unguessable address: stays there, and names nobody.</summary>
[OpenToAll, OpenWhileEnrolling, OpenWhileClosing]
public sealed class ReceiptPage(LookAtErasures look) : HoldfastPage
{
    private const string Prefix = "rc_";

    public string Json { get; private set; } = "";

    public string Address { get; private set; } = "";

    public ReceiptWords Words { get; private set; } = null!;

    public string Fingerprint => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(Json)));

    public string Case { get; private set; } = "";

    public static string AddressOf(SecretToken token) => $"/receipts/{Prefix}{token.Reveal()}";

    public async Task<IActionResult> OnGetAsync(string address)
    {
        SecurityHeaders.NoReferrer(HttpContext);
        return await LoadAsync(address) ? Page() : await RefuseWhole(ErasureRefusals.NotFound);
    }

    public async Task<IActionResult> OnGetJsonAsync(string address)
    {
        SecurityHeaders.NoReferrer(HttpContext);
        return await LoadAsync(address) ? File(Encoding.UTF8.GetBytes(Json), "application/json", $"{Case}.json") : await RefuseWhole(ErasureRefusals.NotFound);
    }

    private async Task<bool> LoadAsync(string address)
    {
        if (!address.StartsWith(Prefix, StringComparison.Ordinal) || !SecretToken.TryHash(address.AsSpan(Prefix.Length), out var hash) || await look.ByReceipt(hash) is not { Receipt: { } json } found) return false;
        (Json, Address, Case) = (json, $"/receipts/{address}", found.Label);
        // Whoever looks may be anywhere: the moments are in UTC, and say so.
        Words = new ReceiptWords(JsonSerializer.Deserialize(json, ErasureJson.Default.Receipt)!, T, null);
        return true;
    }
}
