using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Lists every account, by address. Only looks: works beside a running server.</summary>
internal static class AccountListCommand
{
    private const int PageSize = 500;

    internal static Command Make()
    {
        var command = new Command("list", CommandLine.T["cli.account.list"]);
        command.SetAction((parsed, stop) => Run(CommonOptions.Read(parsed), stop));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, CancellationToken stop)
    {
        var t = CommandLine.T;
        await using var open = await OpenDatabase.ToRead(settings);
        var rows = await Screen.Working(t["cli.account.list.working"], () => Gather(open, stop));
        Screen.Table([t["cli.account.list.email"], t["cli.account.list.name"], t["cli.account.list.workspaces"], t["cli.account.list.operator"], t["cli.account.list.since"]], rows);
        return CommandLine.Done;
    }

    private static async Task<List<string[]>> Gather(OpenDatabase open, CancellationToken stop)
    {
        var rows = new List<string[]>();
        for (var after = ""; ;)
        {
            var page = await open.Db.Read(tx => AccountTable.List(tx, after, PageSize), stop);
            foreach (var account in page)
            {
                var memberships = await open.Db.Read(tx => WorkspaceTable.Of(tx, account.Id), stop);
                rows.Add([account.Email, account.Name, string.Join(", ", memberships.Select(m => $"{m.Slug} ({m.Role})")), account.IsOperator ? CommandLine.T["cli.yes"] : "", Moments.Machine(account.CreatedAt)]);
            }
            if (page.Count < PageSize) return rows;
            after = MailAddressShape.Canonical(page[^1].Email);
        }
    }
}
