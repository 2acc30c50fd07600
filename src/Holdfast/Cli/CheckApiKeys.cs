using Holdfast.Configuration;
using Holdfast.Features.ApiKeys;
using Holdfast.Storage;

namespace Holdfast.Cli;

/// <summary>Whether the keys of programs still hang on keys of the key file.</summary>
internal static class CheckApiKeys
{
    internal static async Task<IEnumerable<Finding>> Run(HoldfastSettings settings, Db db, CancellationToken stop)
    {
        var ring = CheckTwoFactor.Ring(settings.Server.KeysPath);
        var all = await db.Read(ApiKeyTable.ByKey, stop);
        var lost = all.Where(under => ring?.Fingerprints.Contains(under.KeyId, StringComparer.Ordinal) != true).Sum(under => under.Keys);
        return lost > 0 ? [new(Tone.Bad, "api_keys", CommandLine.T.Count("cli.doctor.api_keys.lost", lost))] : [];
    }
}
