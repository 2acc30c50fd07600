using System.Data;
using System.Data.Common;
using Dapper;
using Holdfast.Secrets;

namespace Holdfast.Storage;

/// <summary>The database. <see cref="Read{T}"/> looks; <see cref="Write{T}"/> is one transaction: everything in it happens, or nothing.</summary>
public sealed class Db
{
    private readonly Announcements _announcements;

    static Db()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
        SqlMapper.AddTypeHandler(new InstantHandler());
        SqlMapper.AddTypeHandler(new TokenHashHandler());
    }

    public Db(Engine engine, Announcements announcements)
    {
        (Engine, _announcements) = (engine, announcements);
        if (engine.HasOtherNodes) announcements.ExpectOthers();
    }

    public Engine Engine { get; }

    public async Task<T> Read<T>(Func<ReadTx, Task<T>> work, CancellationToken stop = default)
    {
        var connection = await Engine.OpenReader(stop);
        try
        {
            return await work(new ReadTx(connection, null));
        }
        finally
        {
            await Engine.ReturnReader(connection);
        }
    }

    /// <summary>
    /// Runs the work in a transaction that may write, and again from the start when the database says that repeating helps.
    /// The work therefore touches nothing but <see cref="WriteTx"/>; what must follow a commit goes into <see cref="WriteTx.AfterCommit"/>.
    /// </summary>
    public async Task<T> Write<T>(Func<WriteTx, Task<T>> work, CancellationToken stop = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnce(work, stop);
            }
            catch (DbException error) when (attempt < 5 && Engine.IsWorthRepeating(error))
            {
                stop.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<T> WriteOnce<T>(Func<WriteTx, Task<T>> work, CancellationToken stop)
    {
        WriteTx tx;
        T result;
        var connection = await Engine.OpenWriter(stop);
        try
        {
            // On SQLite this is BEGIN IMMEDIATE: the write lock is taken at once, never half-way.
            await using var transaction = await connection.BeginTransactionAsync(Engine.HasOtherNodes ? IsolationLevel.ReadCommitted : IsolationLevel.Serializable, stop);
            tx = new WriteTx(connection, transaction);
            result = await work(tx);
            if (tx.IsUndone)
            {
                await transaction.RollbackAsync(CancellationToken.None);
                return result;
            }
            if (Engine.NotifySql is { } notify && tx.Announced.Count > 0) await tx.Execute(notify, new { payloads = tx.Announced.Select(message => message.ToString()).ToArray() });
            await Engine.Commit(transaction);
        }
        finally
        {
            await Engine.ReturnWriter(connection);
        }
        foreach (var message in tx.Announced) _announcements.Tell(message);
        tx.RunAfterCommit();
        return result;
    }

    /// <summary>After something was erased for good: what the database's own files still hold of it goes, as far as that is ours to do. Somebody who reads at this moment holds it up: it is tried a few times, and at every start.</summary>
    public async Task Scrub(CancellationToken stop = default)
    {
        if (Engine.ScrubSql is not { } sql) return;
        for (var tries = 0; tries < 3; tries++)
        {
            var connection = await Engine.OpenWriter(stop);
            try
            {
                await using var command = connection.CreateCommand();
                command.CommandText = sql;
                if (await command.ExecuteScalarAsync(stop) is 0L) return;
            }
            finally
            {
                await Engine.ReturnWriter(connection);
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), stop);
        }
    }

    /// <summary>True when a write failed because what it wanted for itself was another's already: a name or an address that is one person's.</summary>
    public bool SaysTaken(DbException error) => Engine.IsUniqueViolation(error);

    private sealed class InstantHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value.ToUnixTimeMilliseconds();
        }

        public override DateTimeOffset Parse(object value) => DateTimeOffset.FromUnixTimeMilliseconds((long)value);
    }

    private sealed class TokenHashHandler : SqlMapper.TypeHandler<TokenHash>
    {
        public override void SetValue(IDbDataParameter parameter, TokenHash value)
        {
            parameter.DbType = DbType.Binary;
            parameter.Value = value.ToBytes();
        }

        public override TokenHash Parse(object value) => TokenHash.FromBytes((byte[])value);
    }
}

/// <summary>Looks things up. Table classes take one of these.</summary>
public class ReadTx(DbConnection connection, DbTransaction? transaction)
{
    protected DbConnection Connection { get; } = connection;

    protected DbTransaction? Transaction { get; } = transaction;

    public Task<T?> One<T>(string sql, object? args = null) => Connection.QuerySingleOrDefaultAsync<T>(sql, args, Transaction)!;

    public async Task<List<T>> Many<T>(string sql, object? args = null) => (await Connection.QueryAsync<T>(sql, args, Transaction)).AsList();

    public Task<long> Count(string sql, object? args = null) => Connection.ExecuteScalarAsync<long>(sql, args, Transaction);
}

/// <summary>Looks and changes, in one transaction.</summary>
public sealed class WriteTx(DbConnection connection, DbTransaction transaction) : ReadTx(connection, transaction)
{
    private readonly List<Action> _afterCommit = [];
    private readonly List<Announcement> _announced = [];

    internal IReadOnlyList<Announcement> Announced => _announced;

    internal bool IsUndone { get; private set; }

    /// <returns>The number of rows that the statement changed: what single use and ownership are decided by.</returns>
    public Task<int> Execute(string sql, object? args = null) => Connection.ExecuteAsync(sql, args, Transaction);

    /// <summary>Tells this node after the commit, and every other node, that something cached is no longer true.</summary>
    public void Announce(Announcement message) => _announced.Add(message);

    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>Nothing of this transaction will have happened. For refusals found half-way.</summary>
    public void Undo() => IsUndone = true;

    internal void RunAfterCommit()
    {
        foreach (var action in _afterCommit) action();
    }
}
