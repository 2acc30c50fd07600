using Holdfast.Configuration;
using Holdfast.Tests.Support;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Holdfast.Tests.Configuration;

public sealed class SettingsTests
{
    private static HoldfastSettings Read(params (string Key, string? Value)[] values) =>
        HoldfastSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(v => v.Key, v => v.Value)).Build());

    private static IReadOnlyList<SettingDescription> Declared()
    {
        HoldfastSettings.Read(new ConfigurationBuilder().Build(), out var declared);
        return declared;
    }

    [Fact]
    public void An_empty_configuration_is_the_defaults()
    {
        var settings = Read();
        Assert.Equal(("http://localhost:8080/", 8, TimeSpan.FromHours(12), OnPasswordChange.SignOutOthers), (settings.Server.PublicUrl.ToString(), settings.Passwords.MinimumLength, settings.Sessions.Idle, settings.Sessions.OnPasswordChange));
        Assert.True(settings.MailboxOnly);
        Assert.Null(settings.Database.Postgres);
    }

    [Theory]
    [InlineData("Session:Idle", "1h", "Session:Idle: is not a setting. Did you mean Sessions:Idle.")]
    [InlineData("Passwords:MinLength", "12", "Passwords:MinLength: is not a setting. Did you mean Passwords:MinimumLength.")]
    [InlineData("Nonsense", "1", "Nonsense: is not a setting. The README lists them all.")]
    [InlineData("Port", "eighty", "Port: \"eighty\" is not a whole number; allowed is 0 to 65535.")]
    [InlineData("Port", "65536", "Port: 65536 is out of range; allowed is 0 to 65535.")]
    [InlineData("Passwords:MinimumLength", "7", "Passwords:MinimumLength: 7 is out of range; allowed is 8 to 64.")]
    [InlineData("Passwords:MemoryKiB", "1024", "Passwords:MemoryKiB: 1024 is out of range; allowed is 19456 to 1048576.")]
    [InlineData("Passwords:Iterations", "1", "Passwords:Iterations: must be at least 2 while Passwords:MemoryKiB is under 47104.")]
    [InlineData("Sessions:Idle", "12", "Sessions:Idle: \"12\" is not a length of time such as 90s, 30m, 12h or 30d; allowed is 5m to 90d.")]
    [InlineData("Sessions:Idle", "1m", "Sessions:Idle: 1m is out of range; allowed is 5m to 90d.")]
    [InlineData("Sessions:Idle", "8d", "Sessions:Idle: must not be longer than Sessions:Absolute.")]
    [InlineData("Sessions:StepUpToEnd", "maybe", "Sessions:StepUpToEnd: \"maybe\" is neither true nor false.")]
    [InlineData("Sessions:OnPasswordChange", "1", "Sessions:OnPasswordChange: \"1\" is not one of SignOutOthers, Ask, KeepOthers.")]
    [InlineData("PublicUrl", "http://id.example.com", "PublicUrl: must be https: browsers drop the session cookie on plain http anywhere but on this machine.")]
    [InlineData("PublicUrl", "https://id.example.com/holdfast", "PublicUrl: must be a bare address without path, query or user; give Holdfast a host name of its own.")]
    [InlineData("PublicUrl", "https://id.example.com", "Mail:Host: must be set, because PublicUrl (https://id.example.com/) is not this machine and people will wait for letters.")]
    [InlineData("PublicUrl", "javascript:alert(1)", "PublicUrl: must be an absolute address such as https://id.example.com.")]
    [InlineData("Listen", "everywhere", "Listen: \"everywhere\" is not localhost, an IP address or *.")]
    [InlineData("Proxy:Addresses", "10.0.0.1, proxy", "Proxy:Addresses: \"proxy\" is not an IP address.")]
    [InlineData("Proxy:Networks", "10.0.0.0/99", "Proxy:Networks: \"10.0.0.0/99\" is not a network such as 10.0.0.0/8.")]
    [InlineData("Product:Color", "red", "Product:Color: must be # and six hex digits, such as #14566d.")]
    [InlineData("Mail:From", "nobody", "Mail:From: \"nobody\" is not an e-mail address.")]
    [InlineData("Passwords:BreachServiceUrl", "http://ranges.example/range/", "Passwords:BreachServiceUrl: must be an https address that ends in a slash.")]
    public void A_wrong_setting_stops_the_start_with_one_line(string key, string value, string message)
    {
        var error = Assert.Throws<SettingsException>(() => Read((key, value)));
        Assert.Equal(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("Passwords:Pepper", "c2VjcmV0IGJ1dCB0b28gc2hvcnQ=")]
    [InlineData("Passwords:PreviousPeppers", "c2VjcmV0IGJ1dCB0b28gc2hvcnQ=")]
    [InlineData("Mail:Password", "c2VjcmV0IGJ1dCB0b28gc2hvcnQ=")]
    public void A_secret_is_never_part_of_the_message(string key, string value)
    {
        Assert.DoesNotContain(value, Assert.Throws<SettingsException>(() => Read((key, value))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_connection_string_is_not_quoted()
    {
        var error = await Assert.ThrowsAsync<SettingsException>(() => Holdfast.Hosting.HoldfastHost.Build(TestSettings.Read(new Dictionary<string, string?> { ["Database:Postgres"] = "Host=x;Pasword=very-secret" })));
        Assert.DoesNotContain("very-secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1800)]
    [InlineData("12h", 43_200)]
    [InlineData("30d", 2_592_000)]
    [InlineData("0s", 0)]
    public void Lengths_of_time_have_one_unit(string text, int seconds)
    {
        Assert.True(SettingsReader.TryTime(text, out var time));
        Assert.Equal(TimeSpan.FromSeconds(seconds), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("12")]
    [InlineData("1.5h")]
    [InlineData("-1h")]
    [InlineData("1h30m")]
    [InlineData(" 1h")]
    [InlineData("1H")]
    [InlineData("99999999999d")]
    [InlineData("2147483647d")]
    public void Other_spellings_are_no_length_of_time(string text) => Assert.False(SettingsReader.TryTime(text, out _));

    [Fact]
    public void Every_setting_is_declared_once_and_its_default_passes_its_own_check()
    {
        var declared = Declared();
        Assert.Equal(declared.Count, declared.Select(d => d.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(declared, d => Assert.False(string.IsNullOrWhiteSpace(d.What) || string.IsNullOrWhiteSpace(d.Range)));
        // Where people choose a part of the key, the others of its group have to be there as well.
        foreach (var setting in declared.Where(d => d.Default != "none" && d.Default.Length > 0 && !d.Key.Contains(":ID:", StringComparison.Ordinal) && !d.Key.Contains(":NAME:", StringComparison.Ordinal))) _ = Read((setting.Key, setting.Default));
    }

    private const string LongSecret = "0123456789abcdefghijklmnopqrstuvwxyz";

    [Theory]
    [InlineData("OAuth:Clients:shop:Nmae", "Shop", "OAuth:Clients:shop:Nmae: is not a setting. Did you mean OAuth:Clients:shop:Name.")]
    [InlineData("OAuth:Clients:shop:Name", "", "OAuth:Clients:shop:Name: ")]
    [InlineData("OAuth:Clients:shop:Redirects", "", "OAuth:Clients:shop:Redirects: ")]
    [InlineData("OAuth:Clients:shop:Redirects", "http://app.example.com/in", "OAuth:Clients:shop:Redirects: Line 1 begins with")]
    [InlineData("OAuth:Clients:shop:Redirects", "https://app.example.com/in#x", "OAuth:Clients:shop:Redirects: Line 1")]
    [InlineData("OAuth:Clients:shop:Redirects", "https://*.example.com/in", "OAuth:Clients:shop:Redirects: Line 1")]
    [InlineData("OAuth:Clients:shop:Redirects", "com.example.app:/in", "OAuth:Clients:shop:Redirects: Line 1")]
    [InlineData("OAuth:Clients:shop:SignOuts", "https://app.example.com/out, javascript:alert(1)", "OAuth:Clients:shop:SignOuts: Line 2")]
    [InlineData("OAuth:Clients:shop:Scopes", "openid, admin", "OAuth:Clients:shop:Scopes: ")]
    [InlineData("OAuth:Clients:shop:Secret", "short", "OAuth:Clients:shop:Secret: must be 32 to 200")]
    [InlineData("OAuth:Clients:shop:PreviousSecret", "short", "OAuth:Clients:shop:Secret: must be 32 to 200")]
    [InlineData("OAuth:Clients:shop:LogoutAddress", "http://app.example.com/out", "OAuth:Clients:shop:LogoutAddress: ")]
    [InlineData("OAuth:Clients:shop:LogoutAddress", "http://app.localhost/out", "OAuth:Clients:shop:LogoutAddress: ")]
    [InlineData("OAuth:Clients:shop:Redirects", "http://localhost.example.com/in", "OAuth:Clients:shop:Redirects: Line 1 begins with")]
    [InlineData("OAuth:Clients:shop:Own", "yes", "OAuth:Clients:shop:Own: \"yes\" is neither true nor false")]
    [InlineData("OAuth:Clients:Shop One:Name", "Shop", "OAuth:Clients:Shop One: a client id is")]
    [InlineData("OAuth:Clients:phone:Resources", "https://api.example.com/", "OAuth:Clients:phone:Resources: Only an application on a server")]
    [InlineData("OAuth:Scopes:email", "Mail", "OAuth:Scopes:email: a scope's name")]
    public void An_application_in_the_settings_that_is_not_right_stops_the_start_and_the_key_is_named(string key, string value, string message)
    {
        (string, string?)[] right = [("OAuth:Clients:shop:Name", "Shop"), ("OAuth:Clients:shop:Redirects", "https://app.example.com/in"), ("OAuth:Clients:shop:Secret", LongSecret), ("OAuth:Clients:phone:Name", "Phone"), ("OAuth:Clients:phone:Redirects", "com.example.app:/in")];
        Assert.Equal(2, Read(right).OAuth.Clients.Count);
        var wrong = Assert.Throws<SettingsException>(() => Read([.. right.Where(pair => pair.Item1 != key), (key, value)])).Message;
        Assert.StartsWith(message, wrong, StringComparison.Ordinal);
        Assert.DoesNotContain(LongSecret, wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void An_application_on_this_machine_may_have_a_host_name_of_its_own() =>
        Assert.Equal("http://app.localhost:8090/in", Read(("OAuth:Clients:shop:Name", "Shop"), ("OAuth:Clients:shop:Redirects", "http://app.localhost:8090/in"), ("OAuth:Clients:shop:Secret", LongSecret)).OAuth.Clients.Single().Client.Redirects);

    [Fact]
    public void A_settings_file_and_overrides_are_read_and_broken_JSON_is_one_line()
    {
        var folder = Directory.CreateTempSubdirectory("holdfast-settings-");
        try
        {
            var file = Path.Combine(folder.FullName, "holdfast.json");
            File.WriteAllText(file, """{ "Sessions": { "Idle": "1h" }, "Port": "9000" }""");
            var settings = ReadSettings.From(file, new Dictionary<string, string?> { ["Port"] = "9001" });
            Assert.Equal((TimeSpan.FromHours(1), 9001), (settings.Sessions.Idle, settings.Server.Port));
            settings = ReadSettings.From(null, new Dictionary<string, string?> { ["Data"] = folder.FullName });
            Assert.Equal(9000, settings.Server.Port);
            File.WriteAllText(file, """{ "Sessions": """);
            Assert.DoesNotContain('\n', Assert.Throws<SettingsException>(() => ReadSettings.From(file, new Dictionary<string, string?>())).Message);
            Assert.Throws<SettingsException>(() => ReadSettings.From(Path.Combine(folder.FullName, "absent.json"), new Dictionary<string, string?>()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
