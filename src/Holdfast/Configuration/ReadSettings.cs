using Microsoft.Extensions.Configuration;

namespace Holdfast.Configuration;

/// <summary>Where settings come from, the later ones first: command line, <c>HOLDFAST_…</c> variables (two underscores for the colon), the settings file.</summary>
public static class ReadSettings
{
    private const string Prefix = "HOLDFAST_";

    /// <param name="file">Path of a JSON file; null takes <c>holdfast.json</c> in the data folder if it is there.</param>
    /// <param name="overrides">Keys and values from the command line.</param>
    /// <exception cref="SettingsException">A key or value that stops the start, or a file that cannot be read.</exception>
    public static HoldfastSettings From(string? file, IReadOnlyDictionary<string, string?> overrides) => HoldfastSettings.Read(Gather(file, overrides));

    public static IConfiguration Gather(string? file, IReadOnlyDictionary<string, string?> overrides)
    {
        // Keys are read in any case: HOLDFAST_Data and HOLDFAST_DATA are one setting.
        var data = overrides.GetValueOrDefault("Data") ?? new ConfigurationBuilder().AddEnvironmentVariables(Prefix).Build()["Data"] ?? "data";
        var path = file ?? Path.Combine(data, "holdfast.json");
        if (file is not null && !File.Exists(file)) throw new SettingsException("--settings", $"there is no file {file}");
        var builder = new ConfigurationBuilder();
        if (File.Exists(path)) builder.AddJsonFile(Path.GetFullPath(path), optional: false, reloadOnChange: false);
        builder.AddEnvironmentVariables(Prefix).AddInMemoryCollection(overrides);
        try
        {
            return builder.Build();
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or IOException)
        {
            throw new SettingsException(path, $"cannot be read as JSON ({(error.InnerException ?? error).Message.TrimEnd('.')})");
        }
    }
}
