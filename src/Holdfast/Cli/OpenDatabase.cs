using Holdfast.Configuration;
using Holdfast.Hosting;
using Holdfast.Storage;

namespace Holdfast.Cli;

/// <summary>The database for the length of one command.</summary>
internal sealed class OpenDatabase : IAsyncDisposable
{
    private OpenDatabase(Engine engine) => Db = new Db(engine, new Announcements(TimeProvider.System));

    internal Db Db { get; }

    /// <summary>For commands that change something. An embedded database is locked meanwhile, so a running server has to be stopped first.</summary>
    /// <param name="mayMake">Makes an embedded database where there is none: otherwise a typing error in <c>--data</c> would.</param>
    /// <exception cref="SettingsException">There is none, another process has it, or its schema is not ours.</exception>
    internal static async Task<OpenDatabase> ToWrite(HoldfastSettings settings, bool mayMake = false)
    {
        Runtime.RefuseVulnerable();
        if (!mayMake && !Engine.IsThere(settings)) throw new SettingsException("Data", $"there is no database in {settings.Server.DataPath} yet");
        var open = new OpenDatabase(Engine.Open(settings));
        return await open.OrClose(() => Migrate.Run(open.Db, TimeProvider.System));
    }

    /// <summary>For commands that only look: beside a running server, too.</summary>
    /// <exception cref="SettingsException">There is none, or its schema is not the one that this program reads.</exception>
    internal static async Task<OpenDatabase> ToRead(HoldfastSettings settings)
    {
        var open = Unchecked(settings);
        return await open.OrClose(async () =>
        {
            await open.Db.Read(tx => tx.Count("SELECT 1"));
            var (inDatabase, known) = await Migrate.State(open.Db);
            if (inDatabase != known) throw new SettingsException("Database", $"its schema is version {inDatabase}, and this program reads {known}. {(inDatabase < known ? "Run holdfast migrate first" : "Use the newer program")}");
        });
    }

    /// <summary>Opened for looking, without a look at the schema.</summary>
    internal static OpenDatabase Unchecked(HoldfastSettings settings) => new(Engine.OpenReadOnly(settings));

    public ValueTask DisposeAsync() => Db.Engine.DisposeAsync();

    private async Task<OpenDatabase> OrClose(Func<Task> first)
    {
        try
        {
            await first();
            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }
}
