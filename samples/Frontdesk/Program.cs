using Frontdesk;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

try
{
    await using var app = FrontdeskHost.Build(args);
    await app.StartAsync();
    Console.WriteLine($"Frontdesk is ready: {FrontdeskHost.AddressOf(app)}");
    await app.WaitForShutdownAsync();
    return 0;
}
catch (OptionsValidationException wrong)
{
    foreach (var line in wrong.Failures) await Console.Error.WriteLineAsync(line);
    return 2;
}
catch (IOException error) when (error.InnerException is AddressInUseException)
{
    await Console.Error.WriteLineAsync("Frontdesk:Port: another program listens there already");
    return 2;
}
