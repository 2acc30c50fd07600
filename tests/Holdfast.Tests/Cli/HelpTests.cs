using System.Text.RegularExpressions;
using Holdfast.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class HelpTests
{
    [Fact]
    public async Task Without_arguments_it_says_what_there_is()
    {
        var ended = await HoldfastProcess.Run();
        Assert.Equal(0, ended.Code);
        foreach (var command in new[] { "serve", "migrate", "account", "client", "operator", "doctor", "policy", "settings" }) Assert.Matches($@"(?m)^  {command}\s+\S", ended.Out);
        Assert.Empty(ended.Error);
    }

    [Theory]
    [InlineData("account", "create")]
    [InlineData("client", "rotate-secret <id>")]
    [InlineData("operator", "remove <email>")]
    public async Task A_group_alone_says_what_is_in_it(string group, string command)
    {
        var ended = await HoldfastProcess.Run(group);
        Assert.Equal(0, ended.Code);
        Assert.Matches($@"(?m)^  {Regex.Escape(command)}\s+\S", ended.Out);
    }

    [Theory]
    [InlineData("“bogus”", "bogus")]
    [InlineData("“--prot”", "serve", "--prot", "3")]
    [InlineData("'--email'", "account", "create", "--name", "Ann")]
    public async Task What_it_does_not_know_is_named_on_one_line(string named, params string[] args)
    {
        var ended = await HoldfastProcess.Run(args);
        Assert.Equal(2, ended.Code);
        Assert.Contains(named, ended.OneError, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
    }

    [Fact]
    public async Task An_address_that_begins_with_an_at_sign_is_no_file_to_read()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("secret"), "a-secret-line another-one");
        var ended = await HoldfastProcess.Run("account", "reset-link", "@" + folder.File("secret"), "--data", folder.Path);
        Assert.Equal(2, ended.Code);
        Assert.DoesNotContain("a-secret-line", ended.Out + ended.Error, StringComparison.Ordinal);
        Assert.Contains("there is no database", ended.OneError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_command_takes_a_password()
    {
        foreach (var command in new[] { new[] { "serve" }, ["account", "create"], ["account", "reset-link"], ["operator", "add"] })
        {
            Assert.DoesNotContain("--password", (await HoldfastProcess.Run([.. command, "--help"])).Out, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Policy_prints_what_is_in_force_and_needs_no_database()
    {
        using var folder = new TemporaryFolder();
        var ended = await HoldfastProcess.Run(new Dictionary<string, string> { ["HOLDFAST_Passwords__MinimumLength"] = "12" }, "policy", "--data", folder.Path);
        Assert.Equal(0, ended.Code);
        Assert.Contains("Password\tLength\t12 to 256 characters, every character allowed", ended.Lines);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Settings_lists_every_setting_that_is_read()
    {
        HoldfastSettings.Read(new ConfigurationBuilder().Build(), out var declared);
        var plain = await HoldfastProcess.Run("settings");
        Assert.Equal([.. declared.Select(d => $"{d.Key}\t{d.Range}\t{d.Default}\t{d.What}")], plain.Lines.Skip(1));
        var markdown = await HoldfastProcess.Run("settings", "--markdown");
        Assert.Equal(declared.Count + 2, markdown.Lines.Count);
        Assert.All(markdown.Lines, line => Assert.Matches(@"^\|.*\|$", line));
    }
}
