namespace Holdfast.Configuration;

public enum PasswordProfile { Standard, Nist }

public enum BreachCheck { Off, File, Service }

public enum BreachServiceDown { Allow, Refuse }

/// <summary>Rules for passwords and the cost of their hash (NIST SP 800-63B-4 §3.1.1.2, ASVS 6.2).</summary>
/// <param name="MinimumLength">In code points.</param>
/// <param name="MemoryKiB">Memory of one Argon2id hash, in KiB.</param>
/// <param name="Threads">Threads that hash; 0 means one for each core.</param>
/// <param name="Queue">Hashes that may wait for a thread; the next one is refused with 503.</param>
/// <param name="Pepper">32 bytes that key every password before hashing; null means none.</param>
public sealed record PasswordSettings(
    PasswordProfile Profile, int MinimumLength, bool RequireLettersAndNumbers, int MinimumScore, IReadOnlyList<string> ContextWords,
    int MemoryKiB, int Iterations, int Threads, int Queue, byte[]? Pepper, IReadOnlyList<byte[]> PreviousPeppers,
    BreachCheck BreachCheck, string? BreachFile, Uri BreachServiceUrl, TimeSpan BreachTimeout, BreachServiceDown BreachServiceDown)
{
    /// <summary>Longest password, in code points. Fixed: enough for every manager, bounded for the hash.</summary>
    public const int MaximumLength = 256;

    /// <summary>Shortest password under the profile: 15 in <c>Nist</c> while the password is the only factor (SP 800-63B-4 §3.1.1.2).</summary>
    public int ShortestFor(bool secondFactorAlwaysRequired) =>
        Profile == PasswordProfile.Nist && !secondFactorAlwaysRequired ? Math.Max(15, MinimumLength) : MinimumLength;

    /// <summary>The longest of these rules that a password of this length meets: written down when it is chosen, so that turning the second factor off knows whether it will do.</summary>
    public int LongestRuleMet(int codePoints) => ShortestFor(codePoints < ShortestFor(secondFactorAlwaysRequired: false));

    internal static PasswordSettings Read(SettingsReader r)
    {
        var settings = new PasswordSettings(
            r.Choice("Passwords:Profile", PasswordProfile.Standard, "Nist asks for 15 characters while the password is the only factor"),
            r.Int("Passwords:MinimumLength", 8, 8, 64, "Shortest password, in characters"),
            r.Flag("Passwords:RequireLettersAndNumbers", false, "Ask for at least one letter and one number"),
            r.Int("Passwords:MinimumScore", 3, 0, 4, "Guessable passwords below this zxcvbn score are refused"),
            r.List("Passwords:ContextWords", "words, separated by commas", "Further words that a password may not lean on, besides the product's, the workspace's and the person's names"),
            r.Int("Passwords:MemoryKiB", 19_456, 19_456, 1_048_576, "Memory of one Argon2id hash, in KiB"),
            r.Int("Passwords:Iterations", 2, 1, 20, "Passes of Argon2id"),
            r.Int("Passwords:HashThreads", 0, 0, 256, "Threads that hash; 0 means one for each core"),
            r.Int("Passwords:HashQueue", 64, 1, 10_000, "Hashes that may wait; beyond it people are asked to try again"),
            Key(r, "Passwords:Pepper", r.Secret("Passwords:Pepper", "32 bytes in base64", "Key mixed into every password, kept outside the database")),
            [.. (r.Secret("Passwords:PreviousPeppers", "such keys, separated by commas", "Peppers that were in force before; each sign-in moves a password to the new one") ?? "")
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(text => Key(r, "Passwords:PreviousPeppers", text)!)],
            r.Choice("Passwords:BreachCheck", BreachCheck.Off, "Refuse passwords known from breaches: by an offline file or by a range service"),
            r.Optional("Passwords:BreachFile", "path of a file", "SHA-1 hashes in hex, sorted, one a line, each with an optional :count"),
            Service(r.Text("Passwords:BreachServiceUrl", "https://api.pwnedpasswords.com/range/", "Range service; it learns five hex digits of the hash, never the password")),
            r.Time("Passwords:BreachTimeout", "2s", "1s", "30s", "How long to wait for the range service"),
            r.Choice("Passwords:BreachServiceDown", BreachServiceDown.Allow, "What happens when the range service does not answer"));
        // OWASP Password Storage Cheat Sheet: one pass is enough from 46 MiB on.
        if (settings.Iterations < 2 && settings.MemoryKiB < 47_104) throw new SettingsException("Passwords:Iterations", "must be at least 2 while Passwords:MemoryKiB is under 47104");
        if (settings.BreachCheck == BreachCheck.File && !File.Exists(settings.BreachFile)) throw new SettingsException("Passwords:BreachFile", "must name an existing file, because Passwords:BreachCheck is File");
        return settings;
    }

    private static byte[]? Key(SettingsReader _, string name, string? text)
    {
        if (text is null) return null;
        var key = new byte[32];
        if (!Convert.TryFromBase64String(text, key, out var written) || written != 32) throw new SettingsException(name, "must be 32 bytes in base64, such as `openssl rand -base64 32` prints");
        return key;
    }

    private static Uri Service(string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && text.EndsWith('/') && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback))) return url;
        throw new SettingsException("Passwords:BreachServiceUrl", "must be an https address that ends in a slash");
    }
}
