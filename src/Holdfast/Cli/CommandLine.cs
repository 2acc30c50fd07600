using Holdfast.Configuration;

namespace Holdfast.Cli;

internal static class CommandLine
{
    internal static async Task<int> Run(string[] args)
    {
        try
        {
            return await Serve.Run(ReadSettings.From(null, new Dictionary<string, string?>()), Console.Out);
        }
        catch (SettingsException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return 2;
        }
    }
}
