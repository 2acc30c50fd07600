using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Holdfast.Bench;

/// <summary>How many single rows each engine updates in a second, every one in a transaction of its own that is synced to disk, with a prepared statement and nothing around it.</summary>
internal static class RawUpdate
{
    private const int Rows = 10_000;
    private const string Make = "CREATE TABLE IF NOT EXISTS raw_rows (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)";
    private const string Update = "UPDATE raw_rows SET value = value + 1 WHERE id = @id";

    /// <summary>On SQLite: one connection, as there is only one writer, with the server's pragmas. The server's own code has bound the library before.</summary>
    public static double Sqlite(string file, int seconds)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        void Do(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
        Do("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000; PRAGMA secure_delete=ON; PRAGMA cache_size=-16000;");
        Do(Make);
        Do($"INSERT INTO raw_rows WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows - 1}) SELECT i, 0 FROM n WHERE NOT EXISTS (SELECT 1 FROM raw_rows)");
        using var update = connection.CreateCommand();
        update.CommandText = Update;
        var id = update.Parameters.Add("@id", SqliteType.Integer);
        update.Prepare();
        var done = 0L;
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed.TotalSeconds < seconds; done++)
        {
            id.Value = Row(done);
            update.ExecuteNonQuery();
        }
        return done / clock.Elapsed.TotalSeconds;
    }

    /// <summary>On PostgreSQL: as many connections as the load on the server has.</summary>
    public static async Task<double> Postgres(string connectionString, int seconds, int connections = 16)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = connections, ApplicationName = "bench-raw" }.ConnectionString);
        await using (var make = source.CreateCommand($"{Make}; INSERT INTO raw_rows SELECT i, 0 FROM generate_series(0, {Rows - 1}) i ON CONFLICT DO NOTHING")) await make.ExecuteNonQueryAsync();
        var done = 0L;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var update = new NpgsqlCommand(Update, connection);
            var id = update.Parameters.Add("id", NpgsqlTypes.NpgsqlDbType.Bigint);
            await update.PrepareAsync();
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                id.Value = Row(Interlocked.Increment(ref done));
                await update.ExecuteNonQueryAsync();
            }
        })));
        return done / clock.Elapsed.TotalSeconds;
    }

    // Far from its neighbours, and every row as often as any other: the step has no factor in common with their number.
    private static long Row(long number) => number * 7_919 % Rows;
}
