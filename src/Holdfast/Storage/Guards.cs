namespace Holdfast.Storage;

/// <summary>
/// What keeps tables from being changed, in the words of each engine: <see cref="Engine"/> puts it in the place of marks in a migration. <c>-- append-only: table</c> (nothing is), <c>-- sealed: table (keys)</c> (a row with <c>closed_at</c> is not,
/// and none is deleted), <c>-- unchangeable: table</c> (rows may only be deleted), <c>-- unchangeable: table WHILE condition</c> (rows may only be deleted, and not while the condition holds for <c>OLD</c>; takes the place of an earlier append-only).
/// They guard against mistakes of our own: whoever owns the database can take them away.
/// </summary>
internal sealed class Guards
{
    private readonly Func<string, string> _appendOnly;
    private readonly Func<string, string[], string> _sealedOnceClosed;
    private readonly Func<string, string> _unchangeable;
    private readonly Func<string, string, string> _unchangeableWhile;

    private Guards(Func<string, string> appendOnly, Func<string, string[], string> sealedOnceClosed, Func<string, string> unchangeable, Func<string, string, string> unchangeableWhile) =>
        (_appendOnly, _sealedOnceClosed, _unchangeable, _unchangeableWhile) = (appendOnly, sealedOnceClosed, unchangeable, unchangeableWhile);

    internal static readonly Guards OfSqlite = new(
        table =>
            $"""
             CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END;
             CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END;
             """,
        // REPLACE deletes without asking the trigger on DELETE: no row may come to have the key of another.
        (table, keys) =>
            $"""
             CREATE TRIGGER {table}_sealed BEFORE UPDATE ON {table} WHEN OLD.closed_at IS NOT NULL OR {string.Join(" OR ", keys.Select(key => $"NEW.{key} IS NOT OLD.{key}"))} BEGIN SELECT RAISE(ABORT, 'sealed'); END;
             CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'sealed'); END;
             CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {string.Join(" OR ", keys.Select(key => $"{key} = NEW.{key}"))}) BEGIN SELECT RAISE(ABORT, 'sealed'); END;
             """,
        table => $"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'unchangeable'); END;",
        (table, condition) =>
            $"""
             DROP TRIGGER IF EXISTS {table}_no_update;
             DROP TRIGGER IF EXISTS {table}_no_delete;
             CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END;
             CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'append-only'); END;
             """);

    internal static readonly Guards OfPostgres = new(
        table =>
            $"""
             CREATE OR REPLACE FUNCTION holdfast_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append-only'; END $$;
             CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION holdfast_append_only();
             """,
        (table, keys) =>
            $"""
             CREATE OR REPLACE FUNCTION {table}_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF TG_OP <> 'UPDATE' OR OLD.closed_at IS NOT NULL OR {string.Join(" OR ", keys.Select(key => $"NEW.{key} IS DISTINCT FROM OLD.{key}"))} THEN RAISE EXCEPTION 'sealed'; END IF;
               RETURN NEW;
             END $$;
             CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_sealed();
             CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION holdfast_append_only();
             """,
        table => $"CREATE TRIGGER {table}_no_update BEFORE UPDATE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION holdfast_append_only();",
        (table, condition) =>
            $"""
             DROP TRIGGER IF EXISTS {table}_append_only ON {table};
             CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION holdfast_append_only();
             CREATE OR REPLACE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF {condition} THEN RAISE EXCEPTION 'append-only'; END IF;
               RETURN OLD;
             END $$;
             CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_kept();
             """);

    /// <summary>The migration with guards where it has marks.</summary>
    internal string Write(string sql) => string.Join('\n', sql.Split('\n').Select(line =>
        Marked(line, "append-only") is { } kept ? _appendOnly(kept)
        : Marked(line, "sealed") is { } closed ? _sealedOnceClosed(closed.Split(' ')[0], closed[(closed.IndexOf('(', StringComparison.Ordinal) + 1)..].TrimEnd(')').Split(", "))
        : Marked(line, "unchangeable") is not { } fixedRows ? line
        : fixedRows.Split(" WHILE ", 2) is [var table, var condition] ? _unchangeableWhile(table, condition)
        : _unchangeable(fixedRows)));

    private static string? Marked(string line, string mark) => line.StartsWith($"-- {mark}: ", StringComparison.Ordinal) ? line[(mark.Length + 5)..].Trim() : null;
}
