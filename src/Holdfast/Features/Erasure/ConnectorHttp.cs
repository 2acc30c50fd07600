using System.Net;
using System.Net.Http.Headers;
using Holdfast.Configuration;

namespace Holdfast.Features.Erasure;

/// <param name="Status">0 when nothing came back.</param>
/// <param name="Body">The first 64 KiB of it.</param>
/// <param name="IsWhole">False when there was more: then it is not read as anything.</param>
/// <param name="Problem">Why nothing came back, in our words; null when something did.</param>
public sealed record HttpAnswer(int Status, string Reason, string? MediaType, byte[] Body, bool IsWhole, TimeSpan? RetryAfter, string? Problem)
{
    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>For operators: the status in words, and no more of what the other side wrote.</summary>
    public string Words => Problem ?? (Status is >= 300 and <= 399 ? $"{Status} {Reason}, not followed" : $"{Status} {Reason}").Trim();
}

/// <summary>Calls other systems: no redirect is followed (it would carry the order, and its signature, to somebody else), no proxy of the environment is asked, no cookie kept, no more than 64 KiB read, and after the time limit the call is over, wherever it stands.</summary>
public class ConnectorHttp : IDisposable
{
    private const int MostRead = 64 * 1024;

    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;

    public ConnectorHttp(HoldfastSettings settings, TimeProvider clock) : this(settings.Deletion.Timeout, clock, null)
    {
    }

    /// <param name="timeout">Of one call, from the look-up of the name to the last byte that is read.</param>
    /// <param name="connect">Opens the connection; null connects to whatever the name leads to.</param>
    protected ConnectorHttp(TimeSpan timeout, TimeProvider clock, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect)
    {
        _clock = clock;
        _timeout = timeout;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = _timeout, PooledConnectionLifetime = TimeSpan.FromMinutes(2), MaxResponseHeadersLength = 64,
            // What is left of a long answer is not read to the end for the sake of the connection.
            MaxResponseDrainSize = 0,
            ConnectCallback = connect,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Never throws but when the server stops.</summary>
    public async Task<HttpAnswer> Send(HttpRequestMessage request, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_timeout);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var (body, whole) = await Read(response, limit.Token);
            return new HttpAnswer((int)response.StatusCode, Printable(response.ReasonPhrase), response.Content.Headers.ContentType?.MediaType, body, whole, Wait(response.Headers.RetryAfter, _clock.GetUtcNow()), null);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Nothing($"no answer in {_timeout.TotalSeconds:0} seconds");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            if (error.InnerException is ClosedNetworkException closed) return Nothing(closed.Message);
            return Nothing(error is HttpRequestException { HttpRequestError: var kind } && kind != HttpRequestError.Unknown ? $"no answer ({kind})" : "no answer (the connection broke)");
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        GC.SuppressFinalize(this);
    }

    private static async Task<(byte[] Body, bool Whole)> Read(HttpResponseMessage response, CancellationToken stop)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stop);
        var buffer = new byte[MostRead + 1];
        var length = 0;
        int read;
        while (length < buffer.Length && (read = await stream.ReadAsync(buffer.AsMemory(length), stop)) > 0) length += read;
        return (buffer[..Math.Min(length, MostRead)], length <= MostRead);
    }

    /// <summary>In seconds, or as a date (RFC 9110 §10.2.3).</summary>
    private static TimeSpan? Wait(RetryConditionHeaderValue? header, DateTimeOffset now) => (header?.Delta ?? header?.Date - now) is { } wait && wait > TimeSpan.Zero ? wait : null;

    private static string Printable(string? reason) => new([.. (reason ?? "").Where(c => c is >= ' ' and <= '~').Take(60)]);

    private static HttpAnswer Nothing(string problem) => new(0, "", null, [], false, null, problem);
}

/// <summary>The address leads to a network that may not be called. The message says so to operators.</summary>
public sealed class ClosedNetworkException(string message) : Exception(message);
