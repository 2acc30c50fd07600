using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Holdfast.Storage;

/// <summary>
/// The commands of one connection, kept with what the database has compiled for them: for a look-up that is more work than looking. For drivers that do
/// not do it themselves. Used by one caller at a time, as the connection is.
/// </summary>
/// <param name="make">Makes a command of the connection, still without a text.</param>
internal sealed class KeptStatements(Func<DbCommand> make)
{
    /// <summary>More than there are texts; batches have one for each length. Beyond it everything is compiled anew.</summary>
    private const int Most = 200;

    private readonly Dictionary<string, DbCommand> _kept = new(StringComparer.Ordinal);

    /// <summary>A command that takes its place here again when it is disposed of.</summary>
    public DbCommand Borrow() => new Borrowed(this);

    private DbCommand Take(string sql)
    {
        if (_kept.Remove(sql, out var command)) return command;
        command = make();
        command.CommandText = sql;
        return command;
    }

    private void PutBack(DbCommand command)
    {
        command.Parameters.Clear();
        command.Transaction = null;
        if (_kept.Count >= Most)
        {
            foreach (var old in _kept.Values) old.Dispose();
            _kept.Clear();
        }
        if (!_kept.TryAdd(command.CommandText, command)) command.Dispose();
    }

    private sealed class Borrowed(KeptStatements owner) : DbCommand
    {
        private DbCommand? _command;
        private DbTransaction? _transaction;

        /// <summary>From here on it is the kept command of this text.</summary>
        [AllowNull]
        public override string CommandText
        {
            get => _command?.CommandText ?? "";
            set
            {
                GiveBack();
                _command = owner.Take(value ?? "");
                _command.Transaction = _transaction;
            }
        }

        public override int CommandTimeout
        {
            get => Command.CommandTimeout;
            set => Command.CommandTimeout = value;
        }

        public override CommandType CommandType
        {
            get => Command.CommandType;
            set => Command.CommandType = value;
        }

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection
        {
            get => Command.Connection;
            set => throw new NotSupportedException("The command belongs to its connection.");
        }

        protected override DbTransaction? DbTransaction
        {
            get => _transaction;
            set
            {
                _transaction = value;
                _command?.Transaction = value;
            }
        }

        protected override DbParameterCollection DbParameterCollection => Command.Parameters;

        private DbCommand Command => _command ?? throw new InvalidOperationException("The command has no text yet.");

        public override void Prepare() => Command.Prepare();

        public override void Cancel() => Command.Cancel();

        public override int ExecuteNonQuery() => Command.ExecuteNonQuery();

        public override object? ExecuteScalar() => Command.ExecuteScalar();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Command.ExecuteReader(behavior);

        protected override DbParameter CreateDbParameter() => Command.CreateParameter();

        protected override void Dispose(bool disposing)
        {
            if (disposing) GiveBack();
            base.Dispose(disposing);
        }

        private void GiveBack()
        {
            if (_command is null) return;
            owner.PutBack(_command);
            _command = null;
        }
    }
}
