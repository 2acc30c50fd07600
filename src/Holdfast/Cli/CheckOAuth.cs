using Holdfast.Configuration;
using Holdfast.Features.OAuth;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Whether the keys that sign can be opened and change as they should, and whether the secrets of applications still hang on keys of the key file.</summary>
internal static class CheckOAuth
{
    private static Text T => CommandLine.T;

    internal static async Task<IEnumerable<Finding>> Run(HoldfastSettings settings, Db db, TimeProvider clock, CancellationToken stop)
    {
        var ring = CheckTwoFactor.Ring(settings.Server.KeysPath);
        return [Keys(ring, await db.Read(SigningKeyTable.All, stop), settings.OAuth, clock.GetUtcNow()), .. Secrets(ring, await db.Read(ClientTable.SecretsByKey, stop))];
    }

    private static Finding Keys(KeyRing? ring, List<SigningKeyRow> rows, OAuthSettings settings, DateTimeOffset now)
    {
        var live = rows.Where(r => r.RetiredAt is null).ToList();
        if (live.Count == 0) return new(Tone.Odd, "signing", T["cli.doctor.signing.none"]);
        if (live.Any(r => r.PrivateKey is null || ring?.Open(SigningKeys.Purpose(r.Id), r.PrivateKey) is null)) return new(Tone.Bad, "signing", T["cli.doctor.signing.lost"]);
        // A server that runs makes the next key in time; two days late means that none has run, or that it fails.
        return live[0].SignsFrom + settings.KeyRotation + TimeSpan.FromDays(1) < now ? new(Tone.Odd, "signing", T["cli.doctor.signing.late", Moments.Machine(live[0].SignsFrom)]) : new(Tone.Good, "signing", T.Count("cli.doctor.signing.good", live.Count, Moments.Machine(live[0].SignsFrom + settings.KeyRotation)));
    }

    private static IEnumerable<Finding> Secrets(KeyRing? ring, List<SecretsUnder> secrets)
    {
        var lost = secrets.Where(s => ring?.Fingerprints.Contains(s.KeyId, StringComparer.Ordinal) != true).Sum(s => s.Secrets);
        if (lost > 0) yield return new(Tone.Bad, "clients", T.Count("cli.doctor.clients.lost", lost));
    }
}
