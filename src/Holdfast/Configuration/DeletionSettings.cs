using System.Text.RegularExpressions;

namespace Holdfast.Configuration;

/// <summary>Deletion of accounts: the days of grace, and the systems that are told.</summary>
/// <param name="Grace">From when a person asks until the deletion begins; they may keep the account meanwhile.</param>
/// <param name="Connectors">Told in this order.</param>
/// <param name="Timeout">Of one call of a connector.</param>
/// <param name="TryFor">From the first call of a step that fails: after that it waits for an operator.</param>
/// <param name="ListPath">The list of erased accounts, which no backup of the database holds.</param>
public sealed record DeletionSettings(TimeSpan Grace, IReadOnlyList<ConnectorSettings> Connectors, TimeSpan Timeout, TimeSpan TryFor, string ListPath, StripeSettings? Stripe)
{
    internal static DeletionSettings Read(SettingsReader r, ServerSettings server)
    {
        var grace = TimeSpan.FromDays(r.Int("Deletion:GraceDays", 30, 1, 365, "Days from when a person asks for deletion until it begins; they may keep the account meanwhile"));
        var timeout = r.Time("Deletion:ConnectorTimeout", "30s", "1s", "30s", "How long one call of another system may take");
        var tryFor = TimeSpan.FromDays(r.Int("Deletion:TryForDays", 7, 1, 30, "Days of growing waits in which a system that does not acknowledge is asked again; after that the step waits for an operator"));
        var list = r.Optional("Deletion:ListPath", "path of a file", "List of erased accounts, kept outside every backup of the database; by default erased.list beside the key file")
            ?? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(server.KeysPath))!, "erased.list");
        var names = r.List("Deletion:Connectors", $"names separated by commas; {StripeSettings.Name} is built in", "Systems that erase a person's data, in the order in which they are told");
        if (names.FirstOrDefault(name => !ConnectorSettings.IsName(name)) is { } odd) throw new SettingsException("Deletion:Connectors", $"\"{(odd.Length > 40 ? odd[..40] + "…" : odd)}\" is no name: small letters, digits and hyphens, at most 30");
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count) throw new SettingsException("Deletion:Connectors", "names one system twice");
        r.Describe("Deletion:NAME:Name", "text, up to 60 characters", "the name", "How people read the system's name");
        r.Describe("Deletion:NAME:Url", "https address; http only for this machine", "none", "Where a signed webhook `account.erase` tells it");
        r.Describe("Deletion:NAME:Secret", "whsec_ and base64, one or two separated by a space", "none", "Signs the webhook (Standard Webhooks); with two, both sign, so that they can be changed without a gap");
        r.Describe("Deletion:NAME:Deletes", "lines separated by |", "none", "What it deletes, as the person reads it");
        r.Describe("Deletion:NAME:Keeps", "lines separated by |", "none", "What stays there, and why");
        var stripe = StripeSettings.Read(r, names.Contains(StripeSettings.Name));
        return new DeletionSettings(grace, [.. names.Select(name => ConnectorSettings.Read(r, name))], timeout, tryFor, list, stripe);
    }
}

/// <summary>A system that is told of deletions.</summary>
/// <param name="Key">Its name in the settings.</param>
/// <param name="Url">Null for one that is built in.</param>
/// <param name="Secrets">One or two signing keys, newest first; never printed.</param>
public sealed partial record ConnectorSettings(string Key, string Name, Uri? Url, IReadOnlyList<WebhookSecret> Secrets, IReadOnlyList<string> Deletes, IReadOnlyList<string> Keeps)
{
    public static bool IsName(string text) => NamePattern().IsMatch(text) && text is not ("account" or "list");

    internal static ConnectorSettings Read(SettingsReader r, string key)
    {
        var builtIn = key == StripeSettings.Name;
        var name = r.Undescribed.Text($"Deletion:{key}:Name", builtIn ? "Payments (Stripe)" : key, "", 60);
        var (deletes, keeps) = (Lines(r.Undescribed.Text($"Deletion:{key}:Deletes", "", "", 1000)), Lines(r.Undescribed.Text($"Deletion:{key}:Keeps", "", "", 1000)));
        if (builtIn) return new ConnectorSettings(key, name, null, [], deletes, keeps);
        return new ConnectorSettings(key, name, WebhookAddress.Read(r, $"Deletion:{key}:Url"), WebhookSecret.Read(r, $"Deletion:{key}:Secret"), deletes, keeps);
    }

    private static string[] Lines(string text) => text.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,29}$", RegexOptions.None, 1000)]
    private static partial Regex NamePattern();
}

/// <summary>An address that is told something: https, or this machine.</summary>
internal static class WebhookAddress
{
    /// <exception cref="SettingsException">It is missing, or nothing that may be called.</exception>
    public static Uri Read(SettingsReader r, string key)
    {
        if (r.Undescribed.Secret(key, "", "") is not { } raw) throw new SettingsException(key, "must be set: the https address that is told");
        return Check(key, raw);
    }

    // The value itself is not said: an address may carry a password.
    public static Uri Check(string key, string raw)
    {
        if (!Uri.TryCreate(raw, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw new SettingsException(key, "must be an absolute https address");
        if (url.Scheme == "http" && !url.IsLoopback) throw new SettingsException(key, "must be https; http only for this machine");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0) throw new SettingsException(key, "must carry neither a user name nor a fragment");
        return url;
    }
}

/// <summary>A signing key of Standard Webhooks: <c>whsec_</c> and 24 to 64 bytes in base64. It cannot be printed.</summary>
public sealed class WebhookSecret
{
    private readonly byte[] _bytes;

    private WebhookSecret(byte[] bytes) => _bytes = bytes;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    public override string ToString() => "[secret]";

    /// <summary>Null when the text is no such key.</summary>
    public static WebhookSecret? Parse(string text)
    {
        const string Prefix = "whsec_";
        var bytes = new byte[96];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length < 120 && Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var length) && length is >= 24 and <= 64 ? new WebhookSecret(bytes[..length]) : null;
    }

    /// <exception cref="SettingsException">It is missing, one of them is no key, or there are more than two.</exception>
    internal static IReadOnlyList<WebhookSecret> Read(SettingsReader r, string key)
    {
        var texts = (r.Undescribed.Secret(key, "", "") ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        if (texts.Length is 0 or > 2) throw new SettingsException(key, texts.Length == 0 ? "must be set: a key such as whsec_ and 24 to 64 bytes in base64" : "may hold two keys at most, the new one first");
        return [.. texts.Select((text, i) => Parse(text) ?? throw new SettingsException(key, $"key {i + 1} is not whsec_ and 24 to 64 bytes in base64"))];
    }
}

/// <summary>How a person's customers are found in Stripe.</summary>
public enum StripeFindBy
{
    /// <summary>By a metadata field of the customer that holds the account's id: exact.</summary>
    Metadata,

    /// <summary>By the e-mail address of the customer, as it is written.</summary>
    Email,
}

/// <summary>Stripe as a system that is told.</summary>
/// <param name="SecretKey">Never printed.</param>
/// <param name="Address">Where its API is; another one to try against.</param>
/// <param name="DeleteCustomer">Delete the customer as well; invoices stay at Stripe.</param>
public sealed record StripeSettings(string SecretKey, Uri Address, StripeFindBy FindBy, string MetadataKey, bool DeleteCustomer)
{
    public const string Name = "stripe";

    public override string ToString() => "[stripe]";

    internal static StripeSettings? Read(SettingsReader r, bool wanted)
    {
        var key = r.Secret("Stripe:SecretKey", "sk_ or rk_ and more", "Key of the Stripe API; a restricted one needs to read and write customers and subscriptions");
        var address = r.Text("Stripe:Address", "https://api.stripe.com", "Where the Stripe API is; another one to try it out");
        var findBy = r.Choice("Stripe:FindBy", StripeFindBy.Metadata, "How a person's customers are found: by a metadata field that holds the account's id, or by the e-mail address");
        var field = r.Text("Stripe:MetadataKey", "holdfast_account", "Metadata field of a Stripe customer that holds the account's id", 40);
        var delete = r.Flag("Stripe:DeleteCustomer", false, "Delete the customer in Stripe as well, after the subscriptions are cancelled");
        if (field.Length == 0 || !field.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')) throw new SettingsException("Stripe:MetadataKey", "must be letters, digits, _ and -");
        if (!wanted)
        {
            // A key that nobody uses is a deletion that does not happen.
            if (key is not null) throw new SettingsException("Stripe:SecretKey", $"is set, but Deletion:Connectors does not name {Name}");
            return null;
        }
        if (key is null) throw new SettingsException("Stripe:SecretKey", $"must be set, because Deletion:Connectors names {Name}");
        if (key.Length is < 10 or > 300 || !(key.StartsWith("sk_", StringComparison.Ordinal) || key.StartsWith("rk_", StringComparison.Ordinal)) || !key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')) throw new SettingsException("Stripe:SecretKey", "is not a key of the Stripe API (sk_… or rk_…)");
        return new StripeSettings(key, WebhookAddress.Check("Stripe:Address", address), findBy, field, delete);
    }
}
