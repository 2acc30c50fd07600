using System.Security.Cryptography;
using System.Text;
using Holdfast.Configuration;

namespace Holdfast.Storage;

/// <summary>Brings the schema up to date: numbered files, each applied once, in a transaction of its own. Safe when several processes start at once.</summary>
public static class Migrate
{
    private const string Bookkeeping = "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

    /// <returns>The names of the migrations that were applied now.</returns>
    /// <exception cref="SettingsException">The database is newer than this program, or an applied migration is not the one this program knows.</exception>
    public static async Task<IReadOnlyList<string>> Run(Db db, TimeProvider clock, CancellationToken stop = default)
    {
        var scripts = Scripts();
        var applied = new List<string>();
        // Two processes may both find no table: the lock comes first, then the table, then the look.
        await db.Write(async tx =>
        {
            await Lock(db, tx);
            await tx.Execute(db.Engine.Ddl(Bookkeeping));
            return Done;
        }, stop);
        foreach (var script in scripts)
        {
            await db.Write(async tx =>
            {
                await Lock(db, tx);
                var known = await tx.One<string>("SELECT checksum FROM schema_versions WHERE version = @Version", new { script.Version });
                if (known == script.Checksum) return Done;
                if (known is not null) throw new SettingsException("Database", $"migration {script.Name} was applied in another form than this program knows. Use the program that made the database, or restore a backup");
                await tx.Execute(db.Engine.Ddl(script.Sql));
                await tx.Execute("INSERT INTO schema_versions (version, name, checksum, applied_at) VALUES (@Version, @Name, @Checksum, @now)",
                    new { script.Version, script.Name, script.Checksum, now = clock.GetUtcNow() });
                tx.AfterCommit(() => applied.Add(script.Name));
                return Done;
            }, stop);
        }
        var newest = await db.Read(tx => tx.Count("SELECT COALESCE(MAX(version), 0) FROM schema_versions"), stop);
        if (newest > scripts[^1].Version) throw new SettingsException("Database", $"its schema is version {newest}, but this program knows {scripts[^1].Version}. Use the newer program");
        return applied;
    }

    /// <returns>The schema's version in the database (0 when there is none yet), and the one this program knows.</returns>
    public static async Task<(long InDatabase, int Known)> State(Db db, CancellationToken stop = default)
    {
        var known = Scripts()[^1].Version;
        try
        {
            return (await db.Read(tx => tx.Count("SELECT COALESCE(MAX(version), 0) FROM schema_versions"), stop), known);
        }
        catch (System.Data.Common.DbException error) when (!db.Engine.IsUnavailable(error))
        {
            return (0, known);
        }
    }

    private const int Done = 0;

    private static async Task Lock(Db db, WriteTx tx)
    {
        if (db.Engine.MigrationLockSql is { } sql) await tx.Execute(sql);
    }

    private sealed record Script(int Version, string Name, string Sql, string Checksum);

    private static List<Script> Scripts()
    {
        var assembly = typeof(Migrate).Assembly;
        var scripts = new List<Script>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith("migrations/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var sql = reader.ReadToEnd();
            var name = resource["migrations/".Length..^".sql".Length];
            scripts.Add(new Script(int.Parse(name[..4], System.Globalization.CultureInfo.InvariantCulture), name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)))));
        }
        return scripts;
    }
}
