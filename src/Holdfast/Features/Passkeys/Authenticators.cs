namespace Holdfast.Features.Passkeys;

/// <summary>
/// What a new passkey is called until its owner says otherwise. The kind of authenticator (AAGUID) is its own word, and nobody vouches for it: it gives a name and decides nothing.
/// </summary>
public static class Authenticators
{
    /// <summary>Kinds that many people have, by the public list of passkey providers and the makers' own pages.</summary>
    private static readonly Dictionary<Guid, string> Known = new()
    {
        [new("fbfc3007-154e-4ecc-8c0b-6e020557d7bd")] = "iCloud Keychain",
        [new("dd4ec289-e01d-41c9-bb89-70fa845d4bf2")] = "iCloud Keychain",
        [new("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4")] = "Google Password Manager",
        [new("adce0002-35bc-c60a-648b-0b25f1f05503")] = "Chrome on Mac",
        [new("b5397666-4885-aa6b-cebf-e52262a439a2")] = "Chromium",
        [new("771b48fd-d3d4-4f74-9232-fc157ab0507a")] = "Edge on Mac",
        [new("d3452668-01fd-4c12-926c-83a4204853aa")] = "Microsoft Password Manager",
        [new("08987058-cadc-4b81-b6e1-30de50dcbe96")] = "Windows Hello",
        [new("9ddd1817-af5a-4672-a2b9-3e3dd95000a9")] = "Windows Hello",
        [new("6028b017-b1d4-4c02-b4b3-afcdafc96bb2")] = "Windows Hello",
        [new("53414d53-554e-4700-0000-000000000000")] = "Samsung Pass",
        [new("bada5566-a7aa-401f-bd96-45619a55120d")] = "1Password",
        [new("d548826e-79b4-db40-a3d8-11116f7e8349")] = "Bitwarden",
        [new("531126d6-e717-415c-9320-3d9aa6981239")] = "Dashlane",
        [new("b84e4048-15dc-4dd0-8640-f4f60813c8af")] = "NordPass",
        [new("50726f74-6f6e-5061-7373-50726f746f6e")] = "Proton Pass",
        [new("0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6")] = "Keeper",
        [new("b78a0a55-6ef8-d246-a042-ba0f6d55050c")] = "LastPass",
        [new("f3809540-7f14-49c1-a8b3-8f813b225541")] = "Enpass",
        [new("fdb141b2-5d84-443e-8a35-4698c205a502")] = "KeePassXC",
        [new("eaecdef2-1c31-5634-8639-f1cbd9c00a08")] = "KeePassDX",
        [new("b35a26b2-8f6e-4697-ab1d-d44db4da28c6")] = "Zoho Vault",
        [new("2fc0579f-8113-47ea-b116-bb5a8db9202a")] = "YubiKey",
        [new("fa2b99dc-9e39-4257-8f92-4a30d23c4118")] = "YubiKey",
        [new("cb69481e-8ff7-4039-93ec-0a2729a154a8")] = "YubiKey",
        [new("ee882879-721c-4913-9775-3dfcce97072a")] = "YubiKey",
        [new("c5ef55ff-ad9a-4b9f-b580-adebafe026d0")] = "YubiKey",
    };

    /// <param name="aaguid">16 bytes in the order of the standard: big-endian.</param>
    /// <param name="device">What it is called where the kind is not known, such as "Firefox on Linux".</param>
    /// <param name="taken">Names that the person's other passkeys have: a second one gets a number.</param>
    /// <returns>1 to <see cref="Passkey.LongestName"/> characters.</returns>
    public static string Name(byte[] aaguid, string device, IReadOnlyList<string> taken)
    {
        var name = Known.GetValueOrDefault(new Guid(aaguid, bigEndian: true), device);
        if (name.Length > Passkey.LongestName - 3) name = name[..(Passkey.LongestName - 3)].TrimEnd();
        var next = name;
        for (var number = 2; taken.Contains(next, StringComparer.Ordinal); number++) next = $"{name} {number}";
        return next;
    }
}
