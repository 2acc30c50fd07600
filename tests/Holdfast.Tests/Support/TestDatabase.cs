using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using Holdfast.Storage;
using Npgsql;

namespace Holdfast.Tests.Support;

/// <summary>A database of one test's own: a folder with an SQLite file, or a PostgreSQL database copied from one that was migrated once. The key file lies in the folder either way.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    public const string Sqlite = "SQLite";
    public const string Postgres = "PostgreSQL";

    /// <summary>Names the variable with the connection string of a server on which databases may be made.</summary>
    public const string Variable = "HOLDFAST_TEST_POSTGRES";

    public static readonly string? PostgresServer = TakeServer();

    private static readonly Lazy<Task<string>> Template = new(MakeTemplate);
    private static int s_made;
    private readonly string? _name;
    private bool _hasBackup;

    private TestDatabase(string engine, string folder, string? name, string? server)
    {
        (Engine, Folder, _name) = (engine, folder, name);
        Connection = name is null ? null : new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    /// <summary>One that another process has made, and will remove: never dispose it.</summary>
    public static TestDatabase Existing(string engine, string folder, string? name, string? server) => new(engine, folder, name, server);

    public string Engine { get; }

    public bool IsPostgres => _name is not null;

    public string Folder { get; }

    /// <summary>For PostgreSQL: its name on the server.</summary>
    public string? Name => _name;

    /// <summary>For PostgreSQL: how to reach it.</summary>
    public string? Connection { get; }

    public string SqliteFile => Path.Combine(Folder, "holdfast.db");

    /// <param name="migrated">False leaves it empty.</param>
    public static async Task<TestDatabase> Make(string engine, bool migrated = true)
    {
        var folder = Directory.CreateTempSubdirectory("holdfast-test-").FullName;
        if (engine == Sqlite) return new TestDatabase(engine, folder, null, null);
        var name = NextName();
        await OnServer(migrated ? $"CREATE DATABASE {name} TEMPLATE {await Template.Value}" : $"CREATE DATABASE {name}");
        return new TestDatabase(engine, folder, name, PostgresServer);
    }

    /// <summary>The settings that make a server use it.</summary>
    public Dictionary<string, string?> Settings()
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Data"] = Folder, ["Database:Postgres"] = Connection };
        if (Connection is null) settings.Remove("Database:Postgres");
        return settings;
    }

    /// <summary>A statement past the program, as somebody with a hand on the database would do it. Not on SQLite while a server has it: only one connection may write.</summary>
    public async Task OnPostgres(string sql)
    {
        await using var connection = new NpgsqlConnection(Connection + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>PostgreSQL only: throws everybody out and lets nobody in again.</summary>
    public async Task Cut()
    {
        await OnServer($"ALTER DATABASE {_name} ALLOW_CONNECTIONS false");
        await OnServer($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}'");
    }

    /// <summary>As the backup of an operator; no server may have it open.</summary>
    public async Task Backup()
    {
        if (_name is null) File.Copy(SqliteFile, SqliteFile + ".backup", overwrite: true);
        else await OnServer($"CREATE DATABASE {_name}_backup TEMPLATE {_name}");
        _hasBackup = true;
    }

    /// <summary>Puts the backup in its place; no server may have it open. What lies beside the database stays as it is.</summary>
    public async Task Restore()
    {
        if (_name is null)
        {
            foreach (var left in Directory.GetFiles(Folder, "holdfast.db-*")) File.Delete(left);
            File.Copy(SqliteFile + ".backup", SqliteFile, overwrite: true);
            return;
        }
        await OnServer($"DROP DATABASE {_name} WITH (FORCE)");
        await OnServer($"CREATE DATABASE {_name} TEMPLATE {_name}_backup");
    }

    public async ValueTask DisposeAsync()
    {
        if (_name is not null && _hasBackup) await OnServer($"DROP DATABASE IF EXISTS {_name}_backup WITH (FORCE)");
        if (_name is not null) await OnServer($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Out of the environment again: to the server every HOLDFAST_ variable is a setting, and it refuses to start with one that it does not know.</summary>
    private static string? TakeServer()
    {
        var server = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return string.IsNullOrEmpty(server) ? null : server;
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Before the first test reads or starts anything.")]
    internal static void BeforeAnyTest()
    {
        _ = PostgresServer;
        Dapper.SqlMapper.ConnectionStringComparer = new ByEngine();
    }

    /// <summary>Dapper compiles what it reads and writes once for each database: each test has one of its own, and all of an engine are alike.</summary>
    private sealed class ByEngine : IEqualityComparer<string>
    {
        private static bool IsPostgres(string connection) => connection.Contains("Host=", StringComparison.OrdinalIgnoreCase);

        public bool Equals(string? x, string? y) => IsPostgres(x ?? "") == IsPostgres(y ?? "");

        public int GetHashCode(string obj) => IsPostgres(obj) ? 1 : 0;
    }

    private static string NextName() => string.Create(CultureInfo.InvariantCulture, $"holdfast_test_{Environment.ProcessId}_{Interlocked.Increment(ref s_made)}");

    private static string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder(PostgresServer) { Database = database }.ConnectionString;

    private static async Task OnServer(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(PostgresServer) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> MakeTemplate()
    {
        var name = NextName();
        await OnServer($"CREATE DATABASE {name}");
        await using var engine = Holdfast.Storage.Engine.Open(TestSettings.Read(new Dictionary<string, string?> { ["Database:Postgres"] = ConnectionTo(name) + ";Pooling=false" }));
        await Migrate.Run(new Db(engine, new Announcements(TimeProvider.System)), TimeProvider.System);
        return name;
    }
}
