using System.Data.Common;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>What hangs on the database: that it answers, its schema, its clock, the key file it was made with, operators, and letters that do not get away.</summary>
internal static class CheckDatabase
{
    /// <summary>Two clocks may differ by this much before sessions and links notice.</summary>
    private static readonly TimeSpan Drift = TimeSpan.FromSeconds(30);

    /// <summary>A mail server that is back within this time is no trouble.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromHours(1);

    private static Text T => CommandLine.T;

    internal static async Task<IReadOnlyList<Finding>> Run(HoldfastSettings settings, TimeProvider clock, CancellationToken stop)
    {
        if (!Engine.IsThere(settings)) return [new(Tone.Odd, "database", T["cli.doctor.database.none", settings.Server.DataPath]), Keys(settings.Server, null)];
        try
        {
            await using var open = OpenDatabase.Unchecked(settings);
            var version = await open.Db.Read(tx => tx.One<string>(open.Db.Engine.VersionSql), stop);
            var (inDatabase, known) = await Migrate.State(open.Db, stop);
            var name = $"{open.Db.Engine.Name} {version}";
            if (inDatabase > known) return [new(Tone.Bad, "database", T["cli.doctor.database.newer", name, inDatabase, known])];
            if (inDatabase < known) return [new(Tone.Odd, "database", T["cli.doctor.database.older", name, inDatabase, known])];
            return
            [
                new(Tone.Good, "database", T["cli.doctor.database.good", name, inDatabase]),
                await Clock(open.Db, clock.GetUtcNow(), stop),
                Keys(settings.Server, await open.Db.Read(tx => tx.One<string>("SELECT value FROM server_facts WHERE name = 'key_fingerprint'"), stop)),
                .. await CheckTwoFactor.Run(settings, open.Db, stop),
                .. await CheckOAuth.Run(settings, open.Db, clock, stop),
                .. await CheckApiKeys.Run(settings, open.Db, stop),
                .. await CheckWebhooks.Run(settings, open.Db, clock.GetUtcNow(), stop),
                await CheckAudit.Run(settings, open.Db, clock, stop),
                await Operators(open.Db, stop),
                .. await Letters(open.Db, clock.GetUtcNow(), stop),
            ];
        }
        catch (Exception error) when (error is DbException or SettingsException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return [new(Tone.Bad, "database", T["cli.doctor.database.bad", error.Message.ReplaceLineEndings(" ").TrimEnd('.')])];
        }
    }

    private static async Task<Finding> Clock(Db db, DateTimeOffset now, CancellationToken stop)
    {
        var outside = await db.Engine.Clock(stop);
        var lastUse = await db.Read(SessionTable.LastUse, stop);
        var ahead = outside.At - now;
        if (outside.IsNow && ahead.Duration() > Drift) return new(Tone.Bad, "clock", T["cli.doctor.clock.apart", Durations.Say(ahead.Duration(), T)]);
        var latest = lastUse is { } use && use > outside.At ? use : outside.At;
        return latest - now > Drift
            ? new(Tone.Bad, "clock", T["cli.doctor.clock.back", Durations.Say(latest - now, T)])
            : new(Tone.Good, "clock", T["cli.doctor.clock.good", Moments.Machine(now)]);
    }

    /// <param name="recorded">Fingerprint of the key that the database was made with; null when it has not been.</param>
    private static Finding Keys(ServerSettings server, string? recorded)
    {
        var path = server.KeysPath;
        if (!File.Exists(path)) return new(recorded is null ? Tone.Odd : Tone.Bad, "keys", T[recorded is null ? "cli.doctor.keys.none" : "cli.doctor.keys.missing", path]);
        try
        {
            var fingerprints = KeyRing.Open(path, create: false).Fingerprints;
            if (recorded is not null && !fingerprints.Contains(recorded, StringComparer.Ordinal)) return new(Tone.Bad, "keys", T["cli.doctor.keys.other", path]);
            const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            return (File.GetUnixFileMode(path) & others) != UnixFileMode.None
                ? new(Tone.Bad, "keys", T["cli.doctor.keys.open", path])
                : new(Tone.Good, "keys", T["cli.doctor.keys.good", fingerprints[0], path]);
        }
        catch (Exception error) when (error is SettingsException or UnauthorizedAccessException or IOException)
        {
            return new(Tone.Bad, "keys", error.Message);
        }
    }

    private static async Task<Finding> Operators(Db db, CancellationToken stop)
    {
        var count = await db.Read(AccountTable.Operators, stop);
        return count == 0 ? new(Tone.Odd, "operators", T["cli.doctor.operators.none"]) : new(Tone.Good, "operators", T.Count("cli.doctor.operators", count));
    }

    private static async Task<IEnumerable<Finding>> Letters(Db db, DateTimeOffset now, CancellationToken stop)
    {
        var state = await db.Read(OutboxTable.State, stop);
        var failed = await db.Read(tx => OutboxTable.Failed(tx, now.AddDays(-1)), stop);
        var waits = state?.Oldest is { } oldest && now > oldest ? now - oldest : TimeSpan.Zero;
        var words = state is null or { Waiting: 0 } ? T["cli.doctor.letters.none"] : T.Count("cli.doctor.letters", state.Waiting, Durations.Say(waits, T));
        var waiting = new Finding(waits > LongWait ? Tone.Odd : Tone.Good, "letters", words);
        return failed == 0 ? [waiting] : [waiting, new Finding(Tone.Odd, "letters", T.Count("cli.doctor.letters.failed", failed))];
    }
}
