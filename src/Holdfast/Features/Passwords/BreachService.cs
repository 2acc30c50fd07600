using System.Net;
using System.Text;
using Holdfast.Configuration;

namespace Holdfast.Features.Passwords;

/// <summary>
/// Asks a range service (k-anonymity, as Have I Been Pwned's): it learns the first five hex digits of a SHA-1, never the password, the whole hash or
/// who asks. Padding hides from observers how long the answer is.
/// </summary>
internal sealed class BreachService : IDisposable
{
    /// <summary>Bytes. Real answers with padding are under 50 KiB.</summary>
    private const int LongestAnswer = 256 * 1024;
    private const int PrefixLength = 5;
    private const int SuffixLength = 35;

    private readonly HttpClient _http;
    private readonly Uri _url;

    public BreachService(PasswordSettings settings)
    {
        _url = settings.BreachServiceUrl;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10), // so that a changed address is noticed
            ActivityHeadersPropagator = null, // Neither a trace of ours with the five digits in it, nor our trace ids with the service.
        })
        {
            Timeout = settings.BreachTimeout,
            MaxResponseContentBufferSize = LongestAnswer,
        };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Holdfast");
        _http.DefaultRequestHeaders.Add("Add-Padding", "true");
    }

    /// <summary>True when the service lists the hash with a count above 0 (rows with 0 are padding).</summary>
    /// <param name="hash">20 bytes of SHA-1.</param>
    /// <exception cref="HttpRequestException">No answer, not 200, or an answer that is too long.</exception>
    /// <exception cref="TaskCanceledException">No whole answer in time, or <paramref name="cancel"/>.</exception>
    /// <exception cref="InvalidDataException">An answer of another kind.</exception>
    public async Task<bool> Contains(byte[] hash, CancellationToken cancel)
    {
        var hex = Convert.ToHexString(hash);
        using var answer = await _http.GetAsync(new Uri(_url, hex[..PrefixLength]), cancel);
        if (answer.StatusCode != HttpStatusCode.OK) throw new HttpRequestException($"The answer was {(int)answer.StatusCode}.", null, answer.StatusCode);
        return IsListed(await answer.Content.ReadAsByteArrayAsync(cancel), hex[PrefixLength..]);
    }

    public void Dispose() => _http.Dispose();

    private static bool IsListed(byte[] answer, string suffix)
    {
        var (listed, lines) = (false, 0);
        foreach (var line in Encoding.Latin1.GetString(answer).AsSpan().EnumerateLines())
        {
            if (line.IsEmpty) continue;
            lines++;
            if (line.Length <= SuffixLength || line[SuffixLength] != ':' || line[..SuffixLength].ContainsAnyExcept("0123456789ABCDEFabcdef")
                || !ulong.TryParse(line[(SuffixLength + 1)..], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count))
            {
                throw new InvalidDataException("The answer is not a list of hashes with counts.");
            }
            listed |= count > 0 && line[..SuffixLength].Equals(suffix, StringComparison.OrdinalIgnoreCase);
        }
        // Every range of the real list is full, and padding was asked for: nothing at all is no answer.
        return lines > 0 ? listed : throw new InvalidDataException("The answer is empty.");
    }
}
