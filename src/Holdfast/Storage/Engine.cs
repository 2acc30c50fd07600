using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using System.Runtime.InteropServices;
using Holdfast.Configuration;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Holdfast.Storage;

/// <param name="IsNow">True for a clock; false for a moment that lies in the past by an unknown time.</param>
internal readonly record struct OutsideTime(DateTimeOffset At, bool IsNow);

/// <summary>
/// What differs between SQLite and PostgreSQL, all of it: opening connections, one writer or many, locks, a few words of DDL,
/// how other nodes are told, and what an error means. Everything else in the program is one SQL text.
/// </summary>
public abstract class Engine : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>True where other processes may write to the same database.</summary>
    public abstract bool HasOtherNodes { get; }

    internal abstract ValueTask<DbConnection> OpenReader(CancellationToken stop);

    internal abstract ValueTask ReturnReader(DbConnection connection);

    /// <summary>A connection that may write; on SQLite the only one, waited for in turn.</summary>
    internal abstract ValueTask<DbConnection> OpenWriter(CancellationToken stop);

    internal abstract ValueTask ReturnWriter(DbConnection connection);

    /// <summary>Commits. When that fails the transaction is gone, and the connection as good as before.</summary>
    internal virtual Task Commit(DbTransaction transaction) => transaction.CommitAsync(CancellationToken.None);

    /// <summary>Takes what was erased out of the database's own files; answers 0 when it has. Null where that is not ours to do.</summary>
    internal virtual string? ScrubSql => null;

    internal abstract string Ddl(string sql);

    /// <summary>Names the version of the database software.</summary>
    internal abstract string VersionSql { get; }

    /// <summary>A time that somebody else than this process knows: the database server's clock, or when the database file was last written, which is no later than now.</summary>
    internal abstract Task<OutsideTime> Clock(CancellationToken stop);

    /// <summary>Holds other processes back while the schema changes. Runs inside the migration's transaction.</summary>
    internal abstract string? MigrationLockSql { get; }

    /// <summary>Tells other nodes <c>@payloads</c> when the transaction commits. Null where there are none.</summary>
    internal abstract string? NotifySql { get; }

    /// <summary>Hears what other nodes announce until stopped. <paramref name="alive"/> is called at least every second while the line is good.</summary>
    internal abstract Task Listen(Action<string> heard, Action alive, CancellationToken stop);

    internal abstract bool IsUniqueViolation(DbException error);

    /// <summary>The same work may succeed when it is simply done again.</summary>
    internal abstract bool IsWorthRepeating(DbException error);

    /// <summary>The database cannot be reached, or is full or read-only: nothing the person did.</summary>
    internal abstract bool IsUnavailable(Exception error);

    /// <summary>A text was given that the database cannot hold, such as one with a NUL in it: nobody has it, and nothing is called so.</summary>
    internal abstract bool CannotHold(Exception error);

    public abstract ValueTask DisposeAsync();

    /// <exception cref="SettingsException">The database cannot be opened, or another server has it.</exception>
    public static Engine Open(HoldfastSettings settings) => settings.Database.Postgres is { } connection
        ? new PostgresEngine(connection, settings.Database.MaxConnections)
        : new SqliteEngine(settings.Server.DataPath, settings.Database.MaxConnections, readOnly: false);

    /// <summary>For looking only, beside a running server: takes no lock, and never writes, migrates or checkpoints.</summary>
    /// <exception cref="SettingsException">There is no database, or it cannot be opened.</exception>
    public static Engine OpenReadOnly(HoldfastSettings settings) => settings.Database.Postgres is { } connection
        ? new PostgresEngine(connection, maxConnections: 2)
        : new SqliteEngine(settings.Server.DataPath, maxConnections: 2, readOnly: true);

    /// <summary>False when there is no database yet and opening one would make it. A PostgreSQL database has to be there already.</summary>
    public static bool IsThere(HoldfastSettings settings) => settings.Database.Postgres is not null || File.Exists(SqliteEngine.FileIn(settings.Server.DataPath));

    private sealed class SqliteEngine : Engine
    {
        /// <summary>SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE (sqlite3.h).</summary>
        private const int NoCheckpointOnClose = 1006;

        private static readonly Lock ProviderLock = new();
        private static bool s_providerReady;

        private readonly string _connectionString;
        private readonly FileStream? _processLock;
        private readonly SqliteConnection? _writer;
        private readonly string _path;
        private readonly SemaphoreSlim _writerTurn = new(1, 1);
        private readonly SemaphoreSlim _readerTurn;
        private readonly ConcurrentBag<SqliteConnection> _readers = [];
        private int _disposed;

        internal SqliteEngine(string folder, int maxConnections, bool readOnly)
        {
            UseSystemLibrary();
            var path = _path = FileIn(folder);
            _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30, Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate }.ToString();
            _readerTurn = new SemaphoreSlim(maxConnections, maxConnections);
            if (readOnly)
            {
                if (!File.Exists(path)) throw new SettingsException("Data", $"there is no database in {folder} yet");
                return;
            }
            MakeFolder(folder);
            _processLock = LockFolder(folder);
            try
            {
                _writer = new KeepingConnection(_connectionString);
                _writer.Open();
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                // FULL: a commit that was answered survives a power cut.
                Run(_writer, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=5000; PRAGMA wal_autocheckpoint=1000; PRAGMA secure_delete=ON; PRAGMA cache_size=-16000;");
            }
            catch (SqliteException error)
            {
                _processLock.Dispose();
                throw new SettingsException("Data", $"the database {path} cannot be opened ({error.Message.TrimEnd('.')})");
            }
        }

        public override string Name => "SQLite";

        internal static string FileIn(string folder) => Path.GetFullPath(Path.Combine(folder, "holdfast.db"));

        internal override string VersionSql => "SELECT sqlite_version()";

        internal override Task<OutsideTime> Clock(CancellationToken stop)
        {
            var written = new[] { _path, _path + "-wal" }.Where(File.Exists).Max(File.GetLastWriteTimeUtc);
            return Task.FromResult(new OutsideTime(new DateTimeOffset(written, TimeSpan.Zero), IsNow: false));
        }

        public override bool HasOtherNodes => false;

        internal override string? MigrationLockSql => null;

        internal override string? NotifySql => null;

        internal override async ValueTask<DbConnection> OpenReader(CancellationToken stop)
        {
            await _readerTurn.WaitAsync(stop);
            try
            {
                if (_readers.TryTake(out var ready)) return ready;
                var reader = new KeepingConnection(_connectionString);
                reader.Open();
                // SQLite before 3.51.3 can damage a WAL when two connections checkpoint at once: only the writer does, not even the last reader to close.
                SQLitePCL.raw.sqlite3_db_config(reader.Handle, NoCheckpointOnClose, 1, out _);
                Run(reader, "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=5000; PRAGMA cache_size=-8000;");
                return reader;
            }
            catch
            {
                _readerTurn.Release();
                throw;
            }
        }

        internal override ValueTask ReturnReader(DbConnection connection)
        {
            if (_disposed == 0) _readers.Add((SqliteConnection)connection);
            else connection.Dispose();
            _readerTurn.Release();
            return ValueTask.CompletedTask;
        }

        internal override async ValueTask<DbConnection> OpenWriter(CancellationToken stop)
        {
            if (_writer is null) throw new InvalidOperationException("The database was opened for looking only.");
            await _writerTurn.WaitAsync(stop);
            return _writer;
        }

        internal override ValueTask ReturnWriter(DbConnection connection)
        {
            _writerTurn.Release();
            return ValueTask.CompletedTask;
        }

        // Deleted content is overwritten in the file (secure_delete), but the journal has it until it is written back and cut to nothing.
        internal override string ScrubSql => "PRAGMA wal_checkpoint(TRUNCATE)";

        internal override async Task Commit(DbTransaction transaction)
        {
            try
            {
                await base.Commit(transaction);
            }
            catch (SqliteException) when (SQLitePCL.raw.sqlite3_get_autocommit(_writer!.Handle) != 0)
            {
                // A full or failing disk makes SQLite roll back by itself (lang_transaction.html, "Response To Errors"). The driver does not notice, fails at its own ROLLBACK,
                // and then refuses every transaction to come: it is given one to roll back.
                SQLitePCL.raw.sqlite3_exec(_writer.Handle, "BEGIN");
                throw;
            }
        }

        internal override string Ddl(string sql) => Guards.OfSqlite.Write(sql);

        internal override async Task Listen(Action<string> heard, Action alive, CancellationToken stop) => await Task.CompletedTask;

        internal override bool IsUniqueViolation(DbException error) => error is SqliteException { SqliteExtendedErrorCode: 1555 or 2067 };

        internal override bool IsWorthRepeating(DbException error) => error is SqliteException { SqliteErrorCode: 5 or 6 };

        // SQLITE_BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN
        internal override bool IsUnavailable(Exception error) => error is SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 13 or 14 };

        internal override bool CannotHold(Exception error) => false;

        public override async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
            // The writer closes last: the last connection to close checkpoints.
            while (_readers.TryTake(out var reader)) await reader.DisposeAsync();
            await _writerTurn.WaitAsync();
            if (_writer is not null) await _writer.DisposeAsync();
            if (_processLock is not null) await _processLock.DisposeAsync();
        }

        private static void MakeFolder(string folder)
        {
            try
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new SettingsException("Data", $"the folder {folder} cannot be made ({error.Message.TrimEnd('.')})");
            }
        }

        private static FileStream LockFolder(string folder)
        {
            var path = Path.Combine(folder, "holdfast.lock");
            try
            {
                // Nobody else's: whoever can open the file can hold the lock.
                return new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            }
            catch (UnauthorizedAccessException)
            {
                throw new SettingsException("Data", $"the folder {folder} may not be written to by this user");
            }
            catch (IOException)
            {
                throw new SettingsException("Data", $"another Holdfast has the database in {folder}. Stop that one first, or use PostgreSQL to run several");
            }
        }

        private static void Run(SqliteConnection connection, string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        /// <summary>Binds to the system's patched libsqlite3; the one bundled in packages is years old.</summary>
        private static void UseSystemLibrary()
        {
            lock (ProviderLock)
            {
                if (s_providerReady) return;
                NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, (name, assembly, paths) =>
                    name == "e_sqlite3" ? NativeLibrary.Load("libsqlite3.so.0", assembly, paths) : IntPtr.Zero);
                SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
                s_providerReady = true;
            }
        }
    }

    /// <summary>Keeps the statements that it has compiled; Npgsql does so by itself. Closing it disposes of them.</summary>
    private sealed class KeepingConnection : SqliteConnection
    {
        private readonly KeptStatements _kept;

        internal KeepingConnection(string connectionString) : base(connectionString) => _kept = new KeptStatements(() => new SqliteCommand(null, this));

        protected override DbCommand CreateDbCommand() => _kept.Borrow();
    }

    private sealed class PostgresEngine : Engine
    {
        private const string Channel = "holdfast";
        private readonly NpgsqlDataSource _source;
        private readonly string _listenString;

        internal PostgresEngine(string connection, int maxConnections)
        {
            NpgsqlConnectionStringBuilder builder;
            try
            {
                builder = new NpgsqlConnectionStringBuilder(connection);
            }
            catch (ArgumentException)
            {
                // The message of the library may quote the string, and the string holds a password.
                throw new SettingsException("Database:Postgres", "is not a connection string such as \"Host=…;Database=…;Username=…;Password=…\"");
            }
            builder.MaxPoolSize = maxConnections;
            builder.MaxAutoPrepare = 100;
            builder.AutoPrepareMinUsages = 2;
            // Nothing here leaves a trace on a connection (no SET, temporary table or lock that outlives its transaction), so each use need not begin with seven statements that clear them.
            builder.NoResetOnClose = true;
            builder.IncludeErrorDetail = false;
            builder.ApplicationName ??= "holdfast";
            builder.Timezone = "UTC";
            _source = new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
            _listenString = new NpgsqlConnectionStringBuilder(builder.ConnectionString) { Pooling = false, ApplicationName = "holdfast-listen" }.ConnectionString;
        }

        public override string Name => "PostgreSQL";

        public override bool HasOtherNodes => true;

        internal override string VersionSql => "SHOW server_version";

        internal override async Task<OutsideTime> Clock(CancellationToken stop)
        {
            await using var connection = await _source.OpenConnectionAsync(stop);
            await using var ask = new NpgsqlCommand("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", connection);
            return new OutsideTime(DateTimeOffset.FromUnixTimeMilliseconds((long)(await ask.ExecuteScalarAsync(stop))!), IsNow: true);
        }

        internal override string? MigrationLockSql => "SELECT pg_advisory_xact_lock(7471102)";

        internal override string? NotifySql => $"SELECT pg_notify('{Channel}', payload) FROM unnest(@payloads) AS payload";

        internal override async ValueTask<DbConnection> OpenReader(CancellationToken stop) => await _source.OpenConnectionAsync(stop);

        internal override ValueTask ReturnReader(DbConnection connection) => connection.DisposeAsync();

        internal override async ValueTask<DbConnection> OpenWriter(CancellationToken stop) => await _source.OpenConnectionAsync(stop);

        internal override ValueTask ReturnWriter(DbConnection connection) => connection.DisposeAsync();

        internal override string Ddl(string sql)
        {
            sql = sql.Replace(" BLOB", " BYTEA", StringComparison.Ordinal).Replace(" TEXT", " TEXT COLLATE \"C\"", StringComparison.Ordinal);
            return Guards.OfPostgres.Write(sql);
        }

        internal override async Task Listen(Action<string> heard, Action alive, CancellationToken stop)
        {
            await using var connection = new NpgsqlConnection(_listenString);
            await connection.OpenAsync(stop);
            connection.Notification += (_, e) => heard(e.Payload);
            await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection)) await listen.ExecuteNonQueryAsync(stop);
            while (!stop.IsCancellationRequested)
            {
                alive();
                if (await connection.WaitAsync(TimeSpan.FromSeconds(1), stop)) continue;
                // Silence for a second: ask whether the line still stands. A dead one throws here.
                await using var ping = new NpgsqlCommand("SELECT 1", connection) { CommandTimeout = 2 };
                await ping.ExecuteScalarAsync(stop);
            }
        }

        internal override bool IsUniqueViolation(DbException error) => error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

        internal override bool IsWorthRepeating(DbException error) => error is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };

        internal override bool IsUnavailable(Exception error) => error switch
        {
            PostgresException postgres => postgres.IsTransient || postgres.SqlState is PostgresErrorCodes.DiskFull or PostgresErrorCodes.ReadOnlySqlTransaction,
            NpgsqlException => true,
            _ => false,
        };

        internal override bool CannotHold(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter };

        public override ValueTask DisposeAsync() => _source.DisposeAsync();
    }
}
