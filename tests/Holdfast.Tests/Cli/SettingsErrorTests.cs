using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class SettingsErrorTests
{
    private static async Task<string> Refused(params (string Name, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        var ended = await HoldfastProcess.Run(variables.ToDictionary(v => v.Name, v => v.Value), "serve", "--data", folder.Path, "--port", "0");
        Assert.Equal(2, ended.Code);
        Assert.Empty(ended.Out);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        return ended.OneError;
    }

    [Fact]
    public async Task A_value_out_of_range_stops_the_start_with_key_and_range() =>
        Assert.Equal("Passwords:MinimumLength: 7 is out of range; allowed is 8 to 64.", await Refused(("HOLDFAST_Passwords__MinimumLength", "7")));

    [Fact]
    public async Task A_variable_in_capitals_is_the_same_setting() =>
        Assert.Equal("Passwords:MinimumLength: 7 is out of range; allowed is 8 to 64.", await Refused(("HOLDFAST_PASSWORDS__MINIMUMLENGTH", "7")));

    [Fact]
    public async Task A_value_of_another_kind_says_what_is_wanted() =>
        Assert.StartsWith("Sessions:Idle: \"soon\" is not a length of time such as 90s, 30m, 12h or 30d", await Refused(("HOLDFAST_Sessions__Idle", "soon")));

    [Fact]
    public async Task An_unknown_variable_names_the_setting_that_was_meant() =>
        Assert.Equal("Password:MinimumLength: is not a setting. Did you mean Passwords:MinimumLength.", await Refused(("HOLDFAST_Password__MinimumLength", "12")));

    [Fact]
    public async Task An_unknown_key_in_the_settings_file_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("holdfast.json"), """{ "Sessions": { "Idel": "1h" } }""");
        var ended = await HoldfastProcess.Run("policy", "--data", folder.Path);
        Assert.Equal(2, ended.Code);
        Assert.Equal("Sessions:Idel: is not a setting. Did you mean Sessions:Idle.", ended.OneError);
    }

    [Fact]
    public async Task A_settings_file_that_is_no_JSON_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("mine.json"), "{ Sessions");
        var ended = await HoldfastProcess.Run("policy", "--settings", folder.File("mine.json"));
        Assert.Equal(2, ended.Code);
        Assert.Contains("mine.json: cannot be read as JSON", ended.OneError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_wins_over_a_variable_and_the_variable_over_the_file()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("holdfast.json"), """{ "Passwords": { "MinimumLength": 10 }, "Port": 70000 }""");
        var byFile = await HoldfastProcess.Run("serve", "--data", folder.Path);
        Assert.Equal("Port: 70000 is out of range; allowed is 0 to 65535.", byFile.OneError);
        var byVariable = await HoldfastProcess.Run(new Dictionary<string, string> { ["HOLDFAST_Port"] = "80000" }, "serve", "--data", folder.Path);
        Assert.StartsWith("Port: 80000", byVariable.OneError);
        var byOption = await HoldfastProcess.Run(new Dictionary<string, string> { ["HOLDFAST_Port"] = "80000" }, "serve", "--data", folder.Path, "--port", "90000");
        Assert.StartsWith("Port: 90000", byOption.OneError);
    }

    [Fact]
    public async Task A_wrong_connection_string_is_not_repeated()
    {
        var ended = await HoldfastProcess.Run("migrate", "--postgres", "Host=127.0.0.1;Passwort=secret-value");
        Assert.Equal(2, ended.Code);
        Assert.DoesNotContain("secret-value", ended.OneError, StringComparison.Ordinal);
        Assert.StartsWith("Database:Postgres: is not a connection string", ended.OneError);
    }

    [Fact]
    public async Task A_database_server_that_does_not_answer_is_one_line()
    {
        var ended = await HoldfastProcess.Run("account", "list", "--postgres", $"Host=127.0.0.1;Port={HoldfastProcess.FreePort()};Username=a;Password=secret-value;Database=b;Timeout=3");
        Assert.Equal(2, ended.Code);
        Assert.StartsWith("Database: it cannot be used", ended.OneError);
        Assert.DoesNotContain("secret-value", ended.OneError, StringComparison.Ordinal);
    }
}
