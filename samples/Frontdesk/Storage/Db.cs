using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Dapper;
using Frontdesk.Numbers;
using Microsoft.Data.Sqlite;

namespace Frontdesk.Storage;

/// <summary>The product's own database: one SQLite file, one connection, one transaction at a time. That is all that a small product needs.</summary>
public sealed class Db : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Lock _turn = new();

    static Db()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        // The system's patched library serves, as it does for Holdfast: the bundled one is old.
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == "e_sqlite3" ? NativeLibrary.Load("libsqlite3.so.0") : IntPtr.Zero;
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
    }

    /// <param name="path">Made when it is not there, for its owner alone.</param>
    public Db(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // secure_delete overwrites what is deleted; the rollback journal goes with each commit. What was erased is in neither file.
        _connection.Execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000;");
        using var schema = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("schema.sql")!);
        var sql = schema.ReadToEnd();
        Run(tx =>
        {
            tx.Execute(sql);
            NumberPool.Fill(tx);
            return 0;
        });
    }

    /// <summary>One transaction: all of it happens, or nothing.</summary>
    public T Run<T>(Func<Tx, T> work)
    {
        lock (_turn)
        {
            using var transaction = _connection.BeginTransaction();
            var result = work(new Tx(_connection, transaction));
            transaction.Commit();
            return result;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}

/// <summary>A transaction of the product's database.</summary>
public sealed class Tx(SqliteConnection connection, SqliteTransaction transaction)
{
    /// <returns>How many rows changed.</returns>
    public int Execute(string sql, object? values = null) => connection.Execute(sql, values, transaction);

    /// <summary>All rows.</summary>
    public List<T> Many<T>(string sql, object? values = null) => [.. connection.Query<T>(sql, values, transaction)];

    /// <summary>The first row; null for none.</summary>
    public T? One<T>(string sql, object? values = null) where T : class => connection.QueryFirstOrDefault<T>(sql, values, transaction);

    /// <summary>One number.</summary>
    public long Count(string sql, object? values = null) => connection.ExecuteScalar<long>(sql, values, transaction);
}
