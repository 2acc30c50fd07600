using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Hosting;

/// <summary>
/// Opens the key file, and makes sure that it is the one this database was made with: with other keys nothing sealed would open, no factor would work,
/// and a server that starts all the same would do harm slowly.
/// </summary>
public static class OpenKeys
{
    public static async Task<KeyRing> Run(Db db, string path)
    {
        var known = await db.Read(tx => tx.One<string>("SELECT value FROM server_facts WHERE name = 'key_fingerprint'"));
        var keys = KeyRing.Open(path, create: known is null);
        if (known is not null && !keys.Fingerprints.Contains(known, StringComparer.Ordinal))
        {
            throw new SettingsException("Keys:Path", $"the keys in {path} are not those that this database was made with. Put the right file back, or add its keys to this one, newest first");
        }
        // The newest key is remembered: a file that has lost it later is noticed.
        var recorded = await db.Write(async tx =>
        {
            await tx.Execute("INSERT INTO server_facts (name, value) VALUES ('key_fingerprint', @value) ON CONFLICT (name) DO NOTHING", new { value = keys.Fingerprints[0] });
            if (known is not null && known != keys.Fingerprints[0]) await tx.Execute("UPDATE server_facts SET value = @value WHERE name = 'key_fingerprint' AND value = @known", new { value = keys.Fingerprints[0], known });
            return await tx.One<string>("SELECT value FROM server_facts WHERE name = 'key_fingerprint'");
        });
        // Two nodes that start at once on an empty database must not each make a key.
        if (!keys.Fingerprints.Contains(recorded, StringComparer.Ordinal)) throw new SettingsException("Keys:Path", "another node has made the database with other keys. Give every node the same key file");
        return keys;
    }
}
