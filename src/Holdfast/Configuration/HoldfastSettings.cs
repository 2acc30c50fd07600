using System.Net;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Configuration;

/// <summary>Every setting of the server, read and checked once at the start. The README's table is made from the same declarations.</summary>
public sealed record HoldfastSettings(
    ServerSettings Server,
    DatabaseSettings Database,
    ProductSettings Product,
    PasswordSettings Passwords,
    SessionSettings Sessions,
    SignInSettings SignIn,
    RecoverySettings Recovery,
    SignUpSettings SignUp,
    TwoFactorSettings TwoFactor,
    DeletionSettings Deletion,
    MailSettings Mail,
    OAuthSettings OAuth,
    GeoIpSettings GeoIp,
    AuditSettings Audit,
    ApiKeySettings ApiKeys,
    WebhookSettings Webhooks,
    TelemetrySettings Telemetry)
{
    /// <summary>Letters stay on this machine: no mail server is set and nobody outside can reach the address.</summary>
    public bool MailboxOnly => Mail.Host is null;

    /// <exception cref="SettingsException">The first key that is unknown or whose value is refused.</exception>
    public static HoldfastSettings Read(IConfiguration source) => Read(source, out _);

    public static HoldfastSettings Read(IConfiguration source, out IReadOnlyList<SettingDescription> declared)
    {
        var reader = new SettingsReader(source);
        var server = ServerSettings.Read(reader);
        ProductSettings product;
        var settings = new HoldfastSettings(
            server,
            DatabaseSettings.Read(reader),
            product = ProductSettings.Read(reader),
            PasswordSettings.Read(reader),
            SessionSettings.Read(reader),
            SignInSettings.Read(reader),
            RecoverySettings.Read(reader),
            SignUpSettings.Read(reader),
            TwoFactorSettings.Read(reader),
            DeletionSettings.Read(reader, server),
            MailSettings.Read(reader),
            OAuthSettings.Read(reader, product),
            GeoIpSettings.Read(reader),
            AuditSettings.Read(reader),
            ApiKeySettings.Read(reader),
            WebhookSettings.Read(reader),
            TelemetrySettings.Read(reader));
        reader.RefuseUnknown();
        declared = reader.Declared;
        if (settings.Mail.Host is null && !settings.Server.PublicUrlIsLoopback)
        {
            throw new SettingsException("Mail:Host", $"must be set, because PublicUrl ({settings.Server.PublicUrl}) is not this machine and people will wait for letters");
        }
        return settings;
    }
}

/// <summary>Where the server listens and how the world reaches it.</summary>
public sealed record ServerSettings(int Port, string Listen, Uri PublicUrl, string DataPath, string KeysPath, IReadOnlyList<IPAddress> KnownProxies, IReadOnlyList<IPNetwork> KnownNetworks, int ForwardLimit)
{
    public bool PublicUrlIsLoopback => PublicUrl.IsLoopback;

    /// <summary>An absolute link to a page of ours. Built from PublicUrl alone, never from a request's Host.</summary>
    public string LinkTo(string pathAndQuery) => Issuer + pathAndQuery;

    /// <summary>Who we are to applications (RFC 8414 §2): the public address, without a slash at its end.</summary>
    public string Issuer => PublicUrl.GetLeftPart(UriPartial.Authority);

    internal static ServerSettings Read(SettingsReader r)
    {
        var port = r.Int("Port", 8080, 0, 65535, "Port to listen on; 0 takes a free one");
        var listen = r.Text("Listen", "localhost", "Address to listen on: localhost, an IP address, or * for every address");
        if (listen is not ("localhost" or "*") && !IPAddress.TryParse(listen, out _)) throw new SettingsException("Listen", $"\"{listen}\" is not localhost, an IP address or *");
        var data = r.Text("Data", "data", "Folder for the embedded database and the key file", 1000);
        return new ServerSettings(
            port,
            listen,
            PublicAddress(r, port),
            data,
            r.Optional("Keys:Path", "path of a file", "File with the root keys, outside the database; by default keys/holdfast.keys in the data folder") ?? Path.Combine(data, "keys", "holdfast.keys"),
            [.. r.List("Proxy:Addresses", "IP addresses, separated by commas", "Reverse proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Uri are believed").Select(a => IPAddress.TryParse(a, out var ip) ? ip : throw new SettingsException("Proxy:Addresses", $"\"{a}\" is not an IP address"))],
            [.. r.List("Proxy:Networks", "networks such as 10.0.0.0/8, separated by commas", "The same, for whole networks").Select(n => IPNetwork.TryParse(n, out var net) ? net : throw new SettingsException("Proxy:Networks", $"\"{n}\" is not a network such as 10.0.0.0/8"))],
            r.Int("Proxy:Limit", 1, 1, 10, "How many proxies stand in a row before the server"));
    }

    private static Uri PublicAddress(SettingsReader r, int port)
    {
        var raw = r.Optional("PublicUrl", "https address; http only for this machine", "The address people open, used in every mailed link; by default http://localhost and the port") ?? $"http://localhost:{port}";
        if (!Uri.TryCreate(raw, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw new SettingsException("PublicUrl", "must be an absolute address such as https://id.example.com");
        if (url.AbsolutePath != "/" || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0) throw new SettingsException("PublicUrl", "must be a bare address without path, query or user; give Holdfast a host name of its own");
        if (url.Scheme == "http" && !url.IsLoopback) throw new SettingsException("PublicUrl", "must be https: browsers drop the session cookie on plain http anywhere but on this machine");
        return url;
    }
}

public sealed record DatabaseSettings(string? Postgres, int MaxConnections, int LastActiveSeconds)
{
    internal static DatabaseSettings Read(SettingsReader r) => new(
        r.Secret("Database:Postgres", "Npgsql connection string", "PostgreSQL to use instead of the embedded SQLite file"),
        r.Int("Database:MaxConnections", 20, 2, 500, "Connections to the database at most, from this process"),
        r.Int("Database:LastActiveSeconds", 30, 1, 300, "How often \"last active\" is written, in seconds"));
}

/// <summary>The product that people believe to be at: its name, colour and help. Holdfast itself is named only at set-up.</summary>
public sealed record ProductSettings(string Name, string? Color, string? SupportAddress, string? LogoPath, Uri? TermsUrl = null, Uri? PrivacyUrl = null)
{
    internal static ProductSettings Read(SettingsReader r)
    {
        var color = r.Optional("Product:Color", "six hex digits such as #14566d", "The brand's one colour");
        if (color is not null && !(color.Length == 7 && color[0] == '#' && color.AsSpan(1).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0)) throw new SettingsException("Product:Color", "must be # and six hex digits, such as #14566d");
        var logo = r.Optional("Product:Logo", "path of an SVG or PNG file, up to 256 KiB", "Mark shown beside the name");
        if (logo is not null && (!File.Exists(logo) || Path.GetExtension(logo) is not (".svg" or ".png") || new FileInfo(logo).Length > 256 * 1024)) throw new SettingsException("Product:Logo", "must be an existing .svg or .png file of at most 256 KiB");
        var support = r.Optional("Product:SupportAddress", "e-mail address", "Where people ask for help; named in letters and pages");
        if (support is not null && (!support.Contains('@', StringComparison.Ordinal) || support.Length > 254 || support.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))) throw new SettingsException("Product:SupportAddress", "must be an e-mail address");
        return new ProductSettings(r.Text("Product:Name", "Holdfast", "Name of the product, as people know it", 60), color, support, logo,
            PageAt(r, "Product:TermsUrl", "Page with the terms that people accept when they sign up"), PageAt(r, "Product:PrivacyUrl", "Page that tells how people's data is handled, named when they sign up"));
    }

    private static Uri? PageAt(SettingsReader r, string key, string what)
    {
        if (r.Optional(key, "https address", what) is not { } raw) return null;
        return Uri.TryCreate(raw, UriKind.Absolute, out var url) && url.Scheme == "https" ? url : throw new SettingsException(key, "must be an https address such as https://example.com/terms");
    }
}

public enum OnPasswordChange { SignOutOthers, Ask, KeepOthers }

/// <summary>Lifetimes and rules of sessions (ASVS 7.1.1, 7.3).</summary>
public sealed record SessionSettings(TimeSpan Idle, TimeSpan Absolute, TimeSpan KeptIdle, TimeSpan KeptAbsolute, TimeSpan ProofLifetime, bool StepUpToEnd, OnPasswordChange OnPasswordChange, int CacheSize, int StreamsPerSession, int Streams)
{
    internal static SessionSettings Read(SettingsReader r)
    {
        var settings = new SessionSettings(
            r.Time("Sessions:Idle", "12h", "5m", "90d", "A session ends after this long without use"),
            r.Time("Sessions:Absolute", "7d", "10m", "365d", "A session ends at the latest after this long"),
            r.Time("Sessions:KeptIdle", "30d", "5m", "365d", "The same with \"Keep me signed in\""),
            r.Time("Sessions:KeptAbsolute", "90d", "10m", "400d", "The same with \"Keep me signed in\""),
            r.Time("Sessions:ProofLifetime", "10m", "1m", "10m", "How long a proof (sign-in or step-up) serves for sensitive actions"),
            r.Flag("Sessions:StepUpToEnd", true, "Ending other sessions asks for a proof (ASVS 7.5.2)"),
            r.Choice("Sessions:OnPasswordChange", OnPasswordChange.SignOutOthers, "What a changed password does to the person's other sessions"),
            r.Int("Sessions:CacheSize", 100_000, 100, 10_000_000, "Sessions kept in memory at most"),
            r.Int("Sessions:StreamsPerSession", 4, 1, 100, "Pages of one session that hear at once when it ends; of more, the oldest gives way"),
            r.Int("Sessions:Streams", 10_000, 0, 1_000_000, "The same for all sessions of this process; further pages notice at their next request"));
        if (settings.Idle > settings.Absolute) throw new SettingsException("Sessions:Idle", "must not be longer than Sessions:Absolute");
        if (settings.KeptIdle > settings.KeptAbsolute) throw new SettingsException("Sessions:KeptIdle", "must not be longer than Sessions:KeptAbsolute");
        return settings;
    }
}

/// <summary>Brakes on guessing (NIST SP 800-63B-4 §3.2.2, ASVS 6.1.1).</summary>
public sealed record SignInSettings(int FreeTries, TimeSpan FirstWait, TimeSpan LongestWait, int StopAt, int NetworkLimit, TimeSpan NetworkWindow, bool NewDeviceLetters)
{
    internal static SignInSettings Read(SettingsReader r) => new(
        r.Int("SignIn:FreeTries", 5, 1, 20, "Wrong passwords in a row before waits begin"),
        r.Time("SignIn:FirstWait", "1s", "1s", "1m", "The first wait; each further wrong password doubles it"),
        r.Time("SignIn:LongestWait", "15m", "1m", "1d", "The longest wait"),
        r.Int("SignIn:StopAt", 100, 10, 100, "Wrong passwords in a row after which only browsers known to the account may try"),
        r.Int("SignIn:NetworkLimit", 100, 5, 1_000_000, "Wrong passwords from one network address (IPv6: from one /64) in the window below"),
        r.Time("SignIn:NetworkWindow", "10m", "1m", "1d", "Window of the limit per network address"),
        r.Flag("SignIn:NewDeviceLetters", true, "A sign-in from a device or country not seen before sends a letter"));
}

public sealed record TelemetrySettings(Uri? OtlpEndpoint, LogFormat LogFormat, LogLevel LogLevel)
{
    internal static TelemetrySettings Read(SettingsReader r)
    {
        var raw = r.Optional("Telemetry:OtlpEndpoint", "http or https address", "OpenTelemetry collector (OTLP over gRPC) for traces and metrics");
        Uri? endpoint = null;
        if (raw is not null && (!Uri.TryCreate(raw, UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https"))) throw new SettingsException("Telemetry:OtlpEndpoint", "must be an http or https address");
        return new TelemetrySettings(
            endpoint,
            r.Choice("Log:Format", LogFormat.Text, "Form of the log lines"),
            r.Choice("Log:Level", LogLevel.Information, "Least level that is logged"));
    }
}

public enum LogFormat { Text, Json }
