using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.OAuth;
using Holdfast.Features.Operator;
using Holdfast.Hosting;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Applications that people sign in to: register, list, remove, a new secret.</summary>
internal static class ClientCommands
{
    internal static Command Add()
    {
        var name = new Argument<string>("name") { Description = CommandLine.T["cli.client.option.name"] };
        var redirects = new Option<string[]>("--redirect") { Description = CommandLine.T["cli.client.option.redirect"], HelpName = "address", Required = true };
        var signOuts = new Option<string[]>("--sign-out") { Description = CommandLine.T["cli.client.option.sign-out"], HelpName = "address" };
        var scopes = new Option<string[]>("--scope") { Description = CommandLine.T["cli.client.option.scope"], HelpName = "name" };
        var resources = new Option<string[]>("--resource") { Description = CommandLine.T["cli.client.option.resource"], HelpName = "address" };
        var maker = new Option<string?>("--maker") { Description = CommandLine.T["cli.client.option.maker"], HelpName = "name" };
        var others = new Option<bool>("--others") { Description = CommandLine.T["cli.client.option.others"] };
        var device = new Option<bool>("--device") { Description = CommandLine.T["cli.client.option.device"] };
        var secondFactor = new Option<bool>("--second-factor") { Description = CommandLine.T["cli.client.option.second-factor"] };
        var logout = new Option<string?>("--logout") { Description = CommandLine.T["cli.client.option.logout"], HelpName = "address" };
        var command = new Command("add", CommandLine.T["cli.client.add"]) { name, redirects, signOuts, scopes, resources, maker, others, device, secondFactor, logout };
        command.SetAction((parsed, _) =>
        {
            var settings = CommonOptions.Read(parsed);
            return Add(settings, new ClientForm(
                parsed.GetRequiredValue(name).Trim(), parsed.GetValue(maker) ?? settings.Product.Name, !parsed.GetValue(others), !parsed.GetValue(device), parsed.GetValue(redirects) ?? [], parsed.GetValue(signOuts) ?? [],
                parsed.GetValue(scopes) is { Length: > 0 } some ? some : Scope.BuiltIn, parsed.GetValue(resources) ?? [], parsed.GetValue(secondFactor), parsed.GetValue(logout)));
        });
        return command;
    }

    internal static Command List()
    {
        var command = new Command("list", CommandLine.T["cli.client.list"]);
        command.SetAction((parsed, stop) => List(CommonOptions.Read(parsed)));
        return command;
    }

    internal static Command Remove()
    {
        var id = new Argument<string>("id") { Description = CommandLine.T["cli.client.option.id"] };
        var command = new Command("remove", CommandLine.T["cli.client.remove"]) { id };
        command.SetAction((parsed, _) => Remove(CommonOptions.Read(parsed), parsed.GetRequiredValue(id)));
        return command;
    }

    internal static Command RotateSecret()
    {
        var id = new Argument<string>("id") { Description = CommandLine.T["cli.client.option.id"] };
        var command = new Command("rotate-secret", CommandLine.T["cli.client.rotate-secret"]) { id };
        command.SetAction((parsed, _) => RotateSecret(CommonOptions.Read(parsed), parsed.GetRequiredValue(id)));
        return command;
    }

    private static async Task<int> Add(HoldfastSettings settings, ClientForm form)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var made = await new RegisterClient(open.Db, new OAuthClients(open.Db, settings), await OpenKeys.Run(open.Db, settings.Server.KeysPath), settings, TimeProvider.System).Run(form, OperatorActor.CommandLine);
        if (!made.Ok) return CommandLine.Refuse(made.Refusal);
        Screen.Say(CommandLine.T["cli.client.added", made.Value.Client.Name, made.Value.Client.Id]);
        SaySecret(made.Value);
        return CommandLine.Done;
    }

    private static async Task<int> List(HoldfastSettings settings)
    {
        var t = CommandLine.T;
        await using var open = await OpenDatabase.ToRead(settings);
        var all = await new OAuthClients(open.Db, settings).All();
        Screen.Table([t["cli.client.list.id"], t["cli.client.list.name"], t["cli.client.list.kind"], t["cli.client.list.redirects"], t["cli.client.list.state"]],
            all.Select(c => (IReadOnlyList<string>)[c.Id, c.Name, t[c.FirstParty ? "clients.ours" : "clients.others"], string.Join(' ', c.RedirectList), c.IsFromSettings ? t["client.from_settings.badge"] : t[c.IsOn ? "cli.client.list.on" : "apps.off"]]));
        return CommandLine.Done;
    }

    private static async Task<int> Remove(HoldfastSettings settings, string id)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var gone = await Change(open, settings, await OpenKeys.Run(open.Db, settings.Server.KeysPath)).Delete(id, OperatorActor.CommandLine);
        if (!gone.Ok) return CommandLine.Refuse(gone.Refusal);
        Screen.Say(CommandLine.T["cli.client.removed", gone.Value.Name]);
        return CommandLine.Done;
    }

    private static async Task<int> RotateSecret(HoldfastSettings settings, string id)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var made = await Change(open, settings, await OpenKeys.Run(open.Db, settings.Server.KeysPath)).NewSecret(id, OperatorActor.CommandLine);
        if (!made.Ok) return CommandLine.Refuse(made.Refusal);
        SaySecret(made.Value);
        Screen.Say(CommandLine.T["cli.client.overlap", Durations.Say(settings.OAuth.SecretOverlap, CommandLine.T)]);
        return CommandLine.Done;
    }

    private static ChangeClient Change(OpenDatabase open, HoldfastSettings settings, KeyRing keys) => new(open.Db, new OAuthClients(open.Db, settings), keys, settings, TimeProvider.System);

    private static void SaySecret(RegisteredClient made)
    {
        if (made.Secret is { } secret) Screen.Say($"{CommandLine.T["cli.client.secret"]}\n\n  {secret}\n");
    }
}
