using System.CommandLine;
using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Workspaces;

namespace Holdfast.Cli;

/// <summary>Proves that nobody altered the security log, and writes it out. Only looks: works beside a running server.</summary>
internal static class AuditCommands
{
    internal static Command Verify()
    {
        var workspace = Workspace();
        var heads = new Option<string?>("--heads") { Description = CommandLine.T["cli.audit.option.heads"], HelpName = "file" };
        var command = new Command("verify", CommandLine.T["cli.audit.verify"]) { workspace, heads };
        command.SetAction((parsed, stop) => Verify(CommonOptions.Read(parsed), parsed.GetValue(workspace), parsed.GetValue(heads), stop));
        return command;
    }

    internal static Command Export()
    {
        var workspace = Workspace();
        var after = new Option<long>("--after") { Description = CommandLine.T["cli.audit.option.after"], HelpName = "number" };
        var command = new Command("export", CommandLine.T["cli.audit.export"]) { workspace, after };
        command.SetAction((parsed, stop) => Export(CommonOptions.Read(parsed), parsed.GetValue(workspace), parsed.GetValue(after), stop));
        return command;
    }

    private static Option<string?> Workspace() => new("--workspace") { Description = CommandLine.T["cli.audit.option.workspace"], HelpName = "name" };

    private static async Task<int> Verify(HoldfastSettings settings, string? workspace, string? headsFile, CancellationToken stop)
    {
        var t = CommandLine.T;
        await using var open = await OpenDatabase.ToRead(settings);
        var keys = CheckTwoFactor.Ring(settings.Server.KeysPath);
        if (keys is null) await Console.Error.WriteLineAsync(t["cli.audit.no_keys", settings.Server.KeysPath]);
        var noted = headsFile is not null && File.Exists(headsFile) ? ReadHeads(headsFile) : [];
        var one = workspace is null ? null : await Find(open, workspace);
        var chains = one is not null ? [one] : (await open.Db.Read(AuditChainTable.Chains, stop)).Union(noted.Select(head => head.Chain), StringComparer.Ordinal).ToList();
        var reports = await Screen.Progress(t["cli.audit.working"], (await open.Db.Read(AuditChainTable.Heads, stop)).Where(head => chains.Contains(head.Chain, StringComparer.Ordinal)).Sum(head => head.Number - head.PrunedThrough), async advance =>
        {
            var waiting = (await open.Db.Read(AuditChainTable.HowManyWait, stop)).ToDictionary(w => w.Chain, w => w.Count, StringComparer.Ordinal);
            var verify = new VerifyAudit(open.Db, keys);
            var all = new List<ChainReport>();
            foreach (var chain in chains) all.Add(await verify.Run(chain, waiting.GetValueOrDefault(chain), noted.FirstOrDefault(head => head.Chain == chain), advance, stop));
            return all;
        });
        foreach (var report in reports) await Say(open, report);
        if (reports.Any(report => report.Fault is not null))
        {
            await Console.Error.WriteLineAsync(t["cli.audit.bad"]);
            return CommandLine.Refused;
        }
        // Only ends that lead on from those noted before take their place.
        if (headsFile is not null) await WriteHeads(headsFile, [.. noted.Where(head => !chains.Contains(head.Chain, StringComparer.Ordinal)), .. reports.Where(report => report.Head is not null).Select(report => new NotedHead(report.Chain, report.Head!.Number, Convert.ToHexStringLower(report.Head.Hash)))]);
        if (chains.Count == 0) Screen.Say(t["cli.audit.none"]);
        return CommandLine.Done;
    }

    private static async Task Say(OpenDatabase open, ChainReport report)
    {
        var t = CommandLine.T;
        var name = report.Chain.Length == 0 ? t["cli.audit.platform"] : (await open.Db.Read(tx => WorkspaceTable.ById(tx, report.Chain)))?.Slug ?? report.Chain;
        var head = report.Head ?? new ChainHead { Chain = report.Chain };
        var words = report.Fault is { } fault
            ? t[$"cli.audit.fault.{fault.What}", fault.Number, fault.EntryId, fault.Other]
            : t["cli.audit.good", report.Entries, head.Number, Convert.ToHexStringLower(head.Hash)[..16]]
                + (head.PrunedThrough > 0 ? t["cli.audit.good.pruned", head.PrunedThrough] : "") + (report.Erased > 0 ? t["cli.audit.good.erased", report.Erased] : "") + (report.Waiting > 0 ? t["cli.audit.good.waiting", report.Waiting] : "");
        Screen.Verdict(report.Fault is null ? Tone.Good : Tone.Bad, t[report.Fault is null ? "cli.doctor.tone.Good" : "cli.doctor.tone.Bad"], name, words);
    }

    private static async Task<int> Export(HoldfastSettings settings, string? workspace, long after, CancellationToken stop)
    {
        await using var open = await OpenDatabase.ToRead(settings);
        var chain = workspace is null ? "" : await Find(open, workspace);
        var export = new ExportAudit(open.Db);
        await using var to = Console.OpenStandardOutput();
        await export.Run(to, await export.End(chain) ?? new ChainHead { Chain = chain }, Math.Max(0, after), whole: true, stop);
        return CommandLine.Done;
    }

    /// <summary>By id, which outlives the workspace, or by the short name or the name.</summary>
    private static async Task<string> Find(OpenDatabase open, string workspace) =>
        await open.Db.Read(tx => AuditChainTable.Head(tx, workspace)) is { Chain.Length: > 0 } known ? known.Chain
        : await open.Db.Read(tx => WorkspaceTable.Named(tx, workspace)) is [var id] ? id
        : throw new SettingsException("--workspace", $"there is no one workspace \"{workspace}\"");

    private static List<NotedHead> ReadHeads(string path) => [.. File.ReadAllLines(path).Where(line => line.Length > 0).Select(line =>
        line.Split(' ') is [var chain, var number, { Length: 64 } hash] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            ? new NotedHead(chain == "-" ? "" : chain, at, hash)
            : throw new SettingsException("--heads", $"{path} is not a file that this command wrote"))];

    /// <summary>Whole, or not at all.</summary>
    private static async Task WriteHeads(string path, IEnumerable<NotedHead> heads)
    {
        await File.WriteAllLinesAsync(path + ".new", heads.OrderBy(head => head.Chain, StringComparer.Ordinal).Select(head => string.Create(CultureInfo.InvariantCulture, $"{(head.Chain.Length == 0 ? "-" : head.Chain)} {head.Number} {head.Hash}")));
        File.Move(path + ".new", path, overwrite: true);
    }
}
