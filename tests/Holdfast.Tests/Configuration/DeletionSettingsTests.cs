using Holdfast.Configuration;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Configuration;

public sealed class DeletionSettingsTests
{
    private const string Good = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    private static Dictionary<string, string?> With(params (string Key, string? Value)[] changes)
    {
        var values = new Dictionary<string, string?> { ["Deletion:Connectors"] = "bookings", ["Deletion:bookings:Url"] = "https://bookings.example.com/erase", ["Deletion:bookings:Secret"] = Good };
        foreach (var (key, value) in changes) values[key] = value;
        return values;
    }

    [Fact]
    public void Connectors_are_read_in_their_order_with_names_lines_and_two_keys()
    {
        var settings = TestSettings.Read(With(("Deletion:Connectors", "files, bookings"), ("Deletion:files:Url", "http://localhost:99/x"), ("Deletion:files:Secret", $"{Good} {Good}"), ("Deletion:files:Name", "Files"), ("Deletion:files:Deletes", "One | Two"))).Deletion;
        Assert.Equal(["files", "bookings"], settings.Connectors.Select(c => c.Key));
        Assert.Equal(("Files", 2, "One,Two"), (settings.Connectors[0].Name, settings.Connectors[0].Secrets.Count, string.Join(',', settings.Connectors[0].Deletes)));
        Assert.Equal((30, 7), (settings.Grace.Days, settings.TryFor.Days));
        Assert.EndsWith("erased.list", settings.ListPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Deletion:GraceDays", "0", "Deletion:GraceDays: 0 is out of range; allowed is 1 to 365.")]
    [InlineData("Deletion:Connectors", "Book ings", "Deletion:Connectors: \"Book ings\" is no name: small letters, digits and hyphens, at most 30.")]
    [InlineData("Deletion:Connectors", "account", "Deletion:Connectors: \"account\" is no name: small letters, digits and hyphens, at most 30.")]
    [InlineData("Deletion:Connectors", "bookings, bookings", "Deletion:Connectors: names one system twice.")]
    [InlineData("Deletion:Connectors", "bookings, files", "Deletion:files:Url: must be set: the https address that is told.")]
    [InlineData("Deletion:bookings:Url", "http://bookings.example.com/erase", "Deletion:bookings:Url: must be https; http only for this machine.")]
    [InlineData("Deletion:bookings:Url", "https://me:secret@bookings.example.com/", "Deletion:bookings:Url: must carry neither a user name nor a fragment.")]
    [InlineData("Deletion:bookings:Url", "bookings", "Deletion:bookings:Url: must be an absolute https address.")]
    [InlineData("Deletion:bookings:Secret", null, "Deletion:bookings:Secret: must be set: a key such as whsec_ and 24 to 64 bytes in base64.")]
    [InlineData("Deletion:bookings:Secret", "hunter2", "Deletion:bookings:Secret: key 1 is not whsec_ and 24 to 64 bytes in base64.")]
    [InlineData("Deletion:bookings:Secret", Good + " whsec_AAAA", "Deletion:bookings:Secret: key 2 is not whsec_ and 24 to 64 bytes in base64.")]
    [InlineData("Deletion:bookings:Secret", Good + " " + Good + " " + Good, "Deletion:bookings:Secret: may hold two keys at most, the new one first.")]
    [InlineData("Deletion:bookings:Adress", "x", "Deletion:bookings:Adress: is not a setting.")]
    [InlineData("Deletion:files:Url", "https://x.example/", "Deletion:files:Url: is not a setting.")]
    [InlineData("Deletion:Connectors", "bookings, stripe", "Stripe:SecretKey: must be set, because Deletion:Connectors names stripe.")]
    [InlineData("Stripe:SecretKey", "sk_test_1234567890", "Stripe:SecretKey: is set, but Deletion:Connectors does not name stripe.")]
    [InlineData("Stripe:MetadataKey", "a'b", "Stripe:MetadataKey: must be letters, digits, _ and -.")]
    public void What_cannot_be_stops_the_start_with_one_line_and_no_secret(string key, string? value, string message)
    {
        var error = Assert.Throws<SettingsException>(() => TestSettings.Read(With((key, value))));
        Assert.StartsWith(message.TrimEnd('.'), error.Message, StringComparison.Ordinal);
        foreach (var secret in new[] { Good["whsec_".Length..], "hunter2", "secret@", "sk_test" }) Assert.DoesNotContain(secret, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pk_live_1234567890")]
    [InlineData("sk_live_12345 67890")]
    public void A_key_of_another_kind_is_no_key_of_the_Stripe_API(string key)
    {
        var error = Assert.Throws<SettingsException>(() => TestSettings.Read(With(("Deletion:Connectors", "stripe"), ("Stripe:SecretKey", key), ("Deletion:bookings:Url", null), ("Deletion:bookings:Secret", null))));
        Assert.Equal("Stripe:SecretKey: is not a key of the Stripe API (sk_… or rk_…).", error.Message);
    }
}
