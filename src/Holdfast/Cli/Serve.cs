using Holdfast.Configuration;
using Holdfast.Features.Setup;
using Holdfast.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Holdfast.Cli;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class Serve
{
    internal static async Task<int> Run(HoldfastSettings settings, TextWriter output)
    {
        await using var app = await HoldfastHost.Build(settings);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        if (await app.Services.GetRequiredService<SetUp>().MakeLink() is { } link)
        {
            await output.WriteLineAsync($"\nNobody has an account yet. Open this link to make the first one. It works once, for an hour:\n\n  {settings.Server.LinkTo($"/setup?token={link.Reveal()}")}\n");
        }
        // Whatever it listens on, people open the name: cookies and passkeys want it.
        await output.WriteLineAsync($"Holdfast is ready: {(settings.Server.PublicUrlIsLoopback ? $"http://localhost:{new Uri(address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("*", "localhost", StringComparison.Ordinal)).Port}" : settings.Server.PublicUrl.GetLeftPart(UriPartial.Authority))}");
        await output.FlushAsync();
        await app.WaitForShutdownAsync();
        return 0;
    }
}
