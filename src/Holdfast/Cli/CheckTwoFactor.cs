using Holdfast.Configuration;
using Holdfast.Features.Passkeys;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Cli;

/// <summary>Whether what is stored of factors can be used with the key file, which of its keys are still needed, and whom the rule meets.</summary>
internal static class CheckTwoFactor
{
    private static Text T => CommandLine.T;

    internal static async Task<IEnumerable<Finding>> Run(HoldfastSettings settings, Db db, CancellationToken stop)
    {
        var people = await db.Read(tx => TwoFactorTable.Without(tx, settings.TwoFactor.RequiredForRoles), stop);
        Finding[] rule = people.Count == 0 ? [] : [new(Tone.Odd, "two_factor", T.Count("cli.doctor.two_factor.without", people.Count))];
        return [.. Keys(Ring(settings.Server.KeysPath), await db.Read(TotpTable.ByKey, stop), await db.Read(RecoveryCodeTable.ByKey, stop)), .. Passkeys(new RelyingParty(settings.Server), await db.Read(PasskeyTable.ByHost, stop)), .. rule];
    }

    /// <summary>A passkey works under the name that it was made for alone: another <c>PublicUrl</c> leaves all of them behind.</summary>
    private static IEnumerable<Finding> Passkeys(RelyingParty here, List<MadeFor> made)
    {
        if (!here.IsPossible) yield return new(Tone.Odd, "passkeys", T["cli.doctor.passkeys.impossible"]);
        else yield return new(Tone.Good, "passkeys", T["cli.doctor.passkeys.good", made.Where(m => m.RpId == here.Id).Sum(m => m.Passkeys), here.Id]);
        foreach (var other in made.Where(m => m.RpId != here.Id)) yield return new(Tone.Bad, "passkeys", T["cli.doctor.passkeys.elsewhere", other.Passkeys, other.RpId, here.Id]);
    }

    /// <param name="ring">Null when the file cannot be read: the finding about keys says why.</param>
    private static IEnumerable<Finding> Keys(KeyRing? ring, List<SealedUnder> apps, List<HashedUnder> codes)
    {
        var known = ring?.Fingerprints ?? [];
        var lostApps = apps.Where(a => ring is null || !known.Contains(a.KeyId, StringComparer.Ordinal) || TotpKey.Open(ring, a.AccountId, a.Id, a.SealedKey) is null).Sum(a => a.Apps);
        var lostCodes = codes.Where(c => !known.Contains(c.KeyId, StringComparer.Ordinal)).Sum(c => c.Codes);
        if (lostApps + lostCodes > 0) return [new(Tone.Bad, "two_factor", T["cli.doctor.two_factor.lost", lostApps, lostCodes])];
        var old = known.Skip(1).Where(id => apps.Any(a => a.KeyId == id) || codes.Any(c => c.KeyId == id)).ToList();
        var all = T["cli.doctor.two_factor.good", apps.Sum(a => a.Apps), codes.Sum(c => c.Codes)];
        return [new(Tone.Good, "two_factor", old.Count == 0 ? all : $"{all} {T["cli.doctor.two_factor.old_keys", string.Join(", ", old)]}")];
    }

    /// <returns>Null when the file cannot be read: the finding about keys says why.</returns>
    internal static KeyRing? Ring(string path)
    {
        try
        {
            return File.Exists(path) ? KeyRing.Open(path, create: false) : null;
        }
        catch (Exception error) when (error is SettingsException or UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }
}
