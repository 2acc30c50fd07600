using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.Reporting;

/// <summary>The figures of a workspace, from what was counted hour by hour: the log itself is not read, however long it is.</summary>
public sealed class LookAtReporting(Db db)
{
    /// <param name="method">One of <see cref="ReportFigures.Methods"/>, and sign-ins done without it do not count; null for all.</param>
    public Task<Report> Run(WorkspaceActor actor, ReportDays days, string? method) => db.Read(async tx =>
    {
        var figures = Enumerable.Repeat(ReportFigures.None, days.Count).ToArray();
        foreach (var run in days.Runs)
        {
            foreach (var count in await ReportTable.Days(tx, actor.WorkspaceId, run.Start, run.End, run.Hours))
            {
                if (!ReportFigures.IsByAnother(count.What, count.How, method)) figures[run.First + (int)count.Day] = figures[run.First + (int)count.Day].Plus(count.What, count.How, count.N);
            }
        }
        var (start, end) = (days.StartBefore, days.Start);
        var before = (await ReportTable.Days(tx, actor.WorkspaceId, start, end, end - start)).Where(c => !ReportFigures.IsByAnother(c.What, c.How, method)).Aggregate(ReportFigures.None, (sum, c) => sum.Plus(c.What, c.How, c.N));
        return new Report(days, method, [.. days.All.Zip(figures, (day, of) => new ReportDay(day, of))], figures.Aggregate((a, b) => a.Plus(b)), before, await Coverage(tx, actor.WorkspaceId));
    });

    private static async Task<IReadOnlyList<CoveredRole>> Coverage(ReadTx tx, string workspaceId)
    {
        var counted = (await MemberTable.Coverage(tx, workspaceId)).ToDictionary(c => c.Role, StringComparer.Ordinal);
        var roles = Role.BuiltIn.Concat((await RoleTable.Of(tx, workspaceId)).Select(row => row.Role));
        return [.. roles.Where(role => counted.ContainsKey(role.Key)).Select(role => new CoveredRole(role, counted[role.Key].People, counted[role.Key].WithTwoFactor))];
    }
}
