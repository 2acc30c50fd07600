using System.CommandLine;
using Holdfast.Configuration;

namespace Holdfast.Cli;

/// <summary>The options that every command understands: where the settings and the database are.</summary>
internal static class CommonOptions
{
    internal static readonly Option<string?> Data = Of("--data", "folder");
    internal static readonly Option<string?> Postgres = Of("--postgres", "connection");
    internal static readonly Option<string?> SettingsFile = Of("--settings", "file");

    /// <exception cref="SettingsException">A setting that no command may go on with.</exception>
    internal static HoldfastSettings Read(ParseResult parsed, string? port = null)
    {
        var overrides = new Dictionary<string, string?>();
        void Set(string key, string? value)
        {
            if (value is not null) overrides[key] = value;
        }
        Set("Data", parsed.GetValue(Data));
        Set("Database:Postgres", parsed.GetValue(Postgres));
        Set("Port", port);
        return ReadSettings.From(parsed.GetValue(SettingsFile), overrides);
    }

    private static Option<string?> Of(string name, string value) => new(name) { Description = CommandLine.T[$"cli.option.{name[2..]}"], HelpName = value, Recursive = true };
}
