using System.CommandLine;
using System.Net.Sockets;
using Holdfast.Configuration;
using Holdfast.Features.Demo;
using Holdfast.Features.Setup;
using Holdfast.Hosting;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Holdfast.Cli;

/// <summary>Runs the server until it is told to stop (Ctrl-C, SIGTERM).</summary>
internal static class ServeCommand
{
    private static readonly string[] Talkative = ["Microsoft.Extensions.Hosting", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    internal static Command Make()
    {
        var port = new Option<string?>("--port") { Description = CommandLine.T["cli.option.port"], HelpName = "number" };
        var demo = new Option<bool>("--demo") { Description = CommandLine.T["cli.option.demo"] };
        var command = new Command("serve", CommandLine.T["cli.serve"]) { port, demo };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed, parsed.GetValue(port)), parsed.GetValue(demo)));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, bool demo)
    {
        var started = false;
        // Until it runs, what goes wrong is one line of ours, not the framework's pages about it.
        await using var app = await HoldfastHost.Build(settings, logging: logging =>
        {
            foreach (var name in Talkative) logging.AddFilter(name, level => started && level >= LogLevel.Warning);
        });
        // The last to go when the server has stopped: closing writes the journal back into the database file.
        await using var engine = app.Services.GetRequiredService<Engine>();
        FilledDemo? example = null;
        if (demo)
        {
            var filled = await Screen.Working(CommandLine.T["cli.demo.working"], () => ActivatorUtilities.CreateInstance<FillDemo>(app.Services).Run());
            if (!filled.Ok) return CommandLine.Refuse(filled.Refusal);
            example = filled.Value;
        }
        if (await Start(app, settings.Server) is { } why)
        {
            // The example is in place now, and its password is shown only this once.
            if (example is not null) SayDemo(settings.Server.LinkTo("/sign-in"), example);
            throw why;
        }
        started = true;
        var address = Address(app, settings.Server);
        if (example is not null) SayDemo($"{address}/sign-in", example);
        else if (await app.Services.GetRequiredService<SetUp>().MakeLink() is { } link)
        {
            Screen.Say($"\n{CommandLine.T["cli.serve.set_up", Durations.Say(SetUp.LinkLifetime, CommandLine.T)]}\n\n  {settings.Server.LinkTo($"/setup?token={link.Reveal()}")}\n");
        }
        Screen.Say(CommandLine.T["cli.serve.ready", address]);
        await Console.Out.FlushAsync();
        await app.WaitForShutdownAsync();
        return CommandLine.Done;
    }

    private static async Task<SettingsException?> Start(WebApplication app, ServerSettings server)
    {
        try
        {
            await app.StartAsync();
            return null;
        }
        catch (Exception error) when (WhyNotListening(error, server) is { } why)
        {
            await app.StopAsync();
            return why;
        }
    }

    /// <summary>Whatever it listens on, people open the name: cookies and passkeys want it.</summary>
    private static string Address(WebApplication app, ServerSettings server)
    {
        if (!server.PublicUrlIsLoopback) return server.PublicUrl.GetLeftPart(UriPartial.Authority);
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return $"http://localhost:{new Uri(bound.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("*", "localhost", StringComparison.Ordinal)).Port}";
    }

    private static SettingsException? WhyNotListening(Exception error, ServerSettings server) => error switch
    {
        IOException { InnerException: AddressInUseException } or AddressInUseException => new SettingsException("Port", $"another program listens on {server.Port} already. Choose a free one with --port"),
        SocketException { SocketErrorCode: SocketError.AccessDenied } or IOException { InnerException: SocketException { SocketErrorCode: SocketError.AccessDenied } } =>
            new SettingsException("Port", $"this user may not listen on {server.Port}. Choose one from 1024 on with --port"),
        SocketException or IOException => new SettingsException("Listen", $"cannot listen on {server.Listen}, port {server.Port} ({error.Message.TrimEnd('.')})"),
        _ => null,
    };

    private static void SayDemo(string address, FilledDemo example) =>
        Screen.Say($"\n{CommandLine.T["cli.demo.filled"]}\n\n  {CommandLine.T["cli.demo.address", address]}\n  {CommandLine.T["cli.demo.email", DemoPeople.First.Email]}\n  {CommandLine.T["cli.demo.password", example.Password]}\n\n{CommandLine.T["cli.demo.others"]}\n{CommandLine.T["cli.demo.two_factor", example.WithTwoFactor, example.RecoveryCode]}\n");
}
