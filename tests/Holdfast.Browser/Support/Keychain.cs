using System.Text.Json;
using Microsoft.Playwright;

namespace Holdfast.Browser.Support;

/// <summary>Chromium's own virtual authenticator: real passkeys, without anybody to press a finger on anything.</summary>
public sealed class Keychain(ICDPSession chromium, string id)
{
    public static async Task<Keychain> Of(IPage page)
    {
        // A virtual keychain chooses from the list of a field by itself. Where a test is not about that there is no such list.
        await page.AddInitScriptAsync("if (!location.search.includes('autofill')) PublicKeyCredential.isConditionalMediationAvailable = async () => false;");
        var chromium = await page.Context.NewCDPSessionAsync(page);
        await chromium.SendAsync("WebAuthn.enable", new Dictionary<string, object> { ["enableUI"] = false });
        var added = await chromium.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = false,
            },
        });
        return new Keychain(chromium, added!.Value.GetProperty("authenticatorId").GetString()!);
    }

    /// <summary>Whether the person confirms as soon as they are asked. What waits in the autofill counts as asked.</summary>
    public Task Confirms(bool yes) => chromium.SendAsync("WebAuthn.setAutomaticPresenceSimulation", new Dictionary<string, object> { ["authenticatorId"] = id, ["enabled"] = yes });

    /// <summary>The device knows its person: else it refuses what asks for that.</summary>
    public Task Knows(bool person) => chromium.SendAsync("WebAuthn.setUserVerified", new Dictionary<string, object> { ["authenticatorId"] = id, ["isUserVerified"] = person });

    public async Task<IReadOnlyList<JsonElement>> Passkeys() =>
        [.. (await chromium.SendAsync("WebAuthn.getCredentials", new Dictionary<string, object> { ["authenticatorId"] = id }))!.Value.GetProperty("credentials").EnumerateArray()];
}
