using System.CommandLine;
using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Operator;
using Holdfast.Features.Webhooks;
using Holdfast.Hosting;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Systems that are told of security events: add, list, remove, a new signing key.</summary>
internal static class WebhookCommands
{
    internal static Command Add()
    {
        var name = new Argument<string>("name") { Description = CommandLine.T["cli.webhook.option.name"] };
        var address = new Argument<string>("address") { Description = CommandLine.T["cli.webhook.option.address"] };
        var events = new Option<string[]>("--event") { Description = CommandLine.T["cli.webhook.option.event"], HelpName = "name" };
        var command = new Command("add", CommandLine.T["cli.webhook.add"]) { name, address, events };
        command.SetAction((parsed, _) =>
        {
            var types = parsed.GetValue(events) ?? [];
            return Add(CommonOptions.Read(parsed), new EndpointForm(parsed.GetRequiredValue(name).Trim(), parsed.GetRequiredValue(address).Trim(), types.Length == 0, types));
        });
        return command;
    }

    internal static Command List()
    {
        var command = new Command("list", CommandLine.T["cli.webhook.list"]);
        command.SetAction((parsed, _) => List(CommonOptions.Read(parsed)));
        return command;
    }

    internal static Command Remove()
    {
        var id = new Argument<string>("id") { Description = CommandLine.T["cli.webhook.option.id"] };
        var command = new Command("remove", CommandLine.T["cli.webhook.remove"]) { id };
        command.SetAction((parsed, _) => Remove(CommonOptions.Read(parsed), parsed.GetRequiredValue(id)));
        return command;
    }

    internal static Command Rotate()
    {
        var id = new Argument<string>("id") { Description = CommandLine.T["cli.webhook.option.id"] };
        var command = new Command("rotate", CommandLine.T["cli.webhook.rotate"]) { id };
        command.SetAction((parsed, _) => Rotate(CommonOptions.Read(parsed), parsed.GetRequiredValue(id)));
        return command;
    }

    private static async Task<int> Add(HoldfastSettings settings, EndpointForm form)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var made = await new RegisterWebhook(open.Db, await OpenKeys.Run(open.Db, settings.Server.KeysPath), settings, TimeProvider.System).Run(form, OperatorActor.CommandLine);
        if (!made.Ok) return CommandLine.Refuse(made.Refusal);
        Screen.Say(CommandLine.T["cli.webhook.added", made.Value.Endpoint.Name, made.Value.Endpoint.Id]);
        SaySecret(made.Value);
        return CommandLine.Done;
    }

    private static async Task<int> List(HoldfastSettings settings)
    {
        var t = CommandLine.T;
        await using var open = await OpenDatabase.ToRead(settings);
        var rows = await open.Db.Read(async tx =>
        {
            var (all, backlogs) = (new List<IReadOnlyList<string>>(), (await DeliveryTable.Backlogs(tx)).ToDictionary(b => b.EndpointId, StringComparer.Ordinal));
            foreach (var e in await WebhookTable.All(tx))
            {
                var (kinds, backlog) = (await WebhookTable.Kinds(tx, e.Id), backlogs.GetValueOrDefault(e.Id));
                all.Add([e.Id, e.Name, e.Address, e.AllKinds ? t["cli.webhook.list.all"] : string.Join(' ', kinds), t[$"webhooks.state.{e.Standing}"], Number(backlog?.Waiting), Number(backlog?.Failed)]);
            }
            return all;
        });
        Screen.Table([t["cli.webhook.list.id"], t["cli.webhook.list.name"], t["cli.webhook.list.address"], t["cli.webhook.list.events"], t["cli.webhook.list.state"], t["cli.webhook.list.waiting"], t["cli.webhook.list.given_up"]], rows);
        return CommandLine.Done;
    }

    private static async Task<int> Remove(HoldfastSettings settings, string id)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var gone = await (await Change(open, settings)).Remove(id, OperatorActor.CommandLine);
        if (!gone.Ok) return CommandLine.Refuse(gone.Refusal);
        Screen.Say(CommandLine.T["cli.webhook.removed", gone.Value.Name]);
        return CommandLine.Done;
    }

    private static async Task<int> Rotate(HoldfastSettings settings, string id)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var made = await (await Change(open, settings)).NewSecret(id, OperatorActor.CommandLine);
        if (!made.Ok) return CommandLine.Refuse(made.Refusal);
        SaySecret(made.Value);
        Screen.Say(CommandLine.T["cli.webhook.overlap", Durations.Say(settings.Webhooks.SecretOverlap, CommandLine.T)]);
        return CommandLine.Done;
    }

    private static async Task<ChangeWebhook> Change(OpenDatabase open, HoldfastSettings settings) => new(open.Db, await OpenKeys.Run(open.Db, settings.Server.KeysPath), settings, TimeProvider.System);

    private static string Number(long? count) => (count ?? 0).ToString(CultureInfo.InvariantCulture);

    private static void SaySecret(RegisteredWebhook made) => Screen.Say($"{CommandLine.T["cli.webhook.secret"]}\n\n  {made.Secret}\n");
}
