using Holdfast.Storage;

namespace Holdfast.Tests.Support;

/// <summary>Takes a table away for a while: whoever asks it fails, so that a test sees who does.</summary>
public sealed class Hidden : IAsyncDisposable
{
    private readonly TestApp _app;
    private readonly string _table;
    private bool _away = true;

    private Hidden(TestApp app, string table) => (_app, _table) = (app, table);

    public static async Task<Hidden> Table(TestApp app, string table)
    {
        await app.Db.Write(tx => tx.Execute($"ALTER TABLE {table} RENAME TO hidden_{table}"));
        return new Hidden(app, table);
    }

    public async Task Back()
    {
        if (_away) await _app.Db.Write(tx => tx.Execute($"ALTER TABLE hidden_{_table} RENAME TO {_table}"));
        _away = false;
    }

    public async ValueTask DisposeAsync() => await Back();
}
