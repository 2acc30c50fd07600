using System.Text.Json.Nodes;
using Holdfast.Configuration;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>
/// Tells applications that a session is over: a signed logout token, posted to the address that an operator registered (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.5). Sent after the commit, at least once, again with growing waits.
/// Redirects are not followed, of an answer the status alone is read, for 30 seconds at most.
/// </summary>
public sealed class SendLogouts(Db db, OAuthClients clients, SigningKeys keys, HoldfastSettings settings, TimeProvider clock, ILogger<SendLogouts> logger) : IDisposable
{
    /// <summary>The announcement that wakes it.</summary>
    public const string Topic = "logout";

    public const string Type = "logout+jwt";

    private const int AtOnce = 8;
    /// <summary>How often it looks for new ones while it waits for an answer.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>§2.4 suggests two minutes at most.</summary>
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(10) }) { Timeout = Patience };

    /// <summary>Sends what is due until nothing is.</summary>
    public async Task SendDue(CancellationToken stop = default)
    {
        var running = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            foreach (var over in running.Where(task => task.IsCompleted).ToList())
            {
                running.Remove(over);
                await over;
            }
            // One that hangs takes a place or two, and holds up nobody else.
            List<LogoutRow> due = running.Count < AtOnce ? await db.Write(tx => LogoutTable.Claim(tx, now, now + Patience * 2, AtOnce - running.Count), stop) : [];
            running.AddRange(due.Select(row => Settle(row, stop)));
            if (running.Count == 0) return;
            if (due.Count == 0) await Task.WhenAny([.. running, Task.Delay(Glance, stop)]);
        }
        await Task.WhenAll(running);
    }

    public void Dispose() => _http.Dispose();

    private async Task Settle(LogoutRow row, CancellationToken stop)
    {
        var problem = await Try(row, stop);
        var now = clock.GetUtcNow();
        var again = now - row.MadeAt < settings.OAuth.GiveUpAfter;
        await db.Write(async tx =>
        {
            if (problem is null) await LogoutTable.Finish(tx, row.Id, now);
            else if (again)
            {
                await LogoutTable.Postpone(tx, row.Id, now + Wait(row.Attempts), problem);
                // What waits for it besides would only fail as well.
                await LogoutTable.HoldBack(tx, row.ClientId, now, now + Wait(row.Attempts));
            }
            else await LogoutTable.GiveUp(tx, row.Id, now, problem);
            return 0;
        }, CancellationToken.None);
        if (problem is not null && again) logger.LogWarning("{Client} could not be told of a sign-out, attempt {Attempt}; again later: {Problem}", row.ClientId, row.Attempts, problem);
        else if (problem is not null) logger.LogError("{Client} was not told of a sign-out, attempt {Attempt} was the last: {Problem}", row.ClientId, row.Attempts, problem);
    }

    /// <returns>Null when it was told, or wants to be told nothing; else what went wrong.</returns>
    private async Task<string?> Try(LogoutRow row, CancellationToken stop)
    {
        try
        {
            if (await clients.Find(row.ClientId) is not { IsOn: true, LogoutAddress: { } address }) return null;
            using var body = new FormUrlEncodedContent([new("logout_token", await keys.Sign(Claims(row), Type))]);
            // The status is the answer; of the rest nothing is read.
            using var response = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = body }, HttpCompletionOption.ResponseHeadersRead, stop);
            return response.IsSuccessStatusCode ? null : $"it answered {(int)response.StatusCode}";
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException or UriFormatException or System.Security.Cryptography.CryptographicException)
        {
            return stop.IsCancellationRequested ? "the server was stopped" : error is OperationCanceledException ? "no answer in time" : error.Message.ReplaceLineEndings(" ");
        }
    }

    /// <summary>§2.4. Never with a nonce: an id token it is not.</summary>
    private JsonObject Claims(LogoutRow row)
    {
        var now = clock.GetUtcNow();
        return new JsonObject
        {
            ["iss"] = settings.Server.Issuer, ["aud"] = row.ClientId, ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = (now + TokenLifetime).ToUnixTimeSeconds(), ["jti"] = row.Id, ["sub"] = row.AccountId, ["sid"] = row.SessionId,
            ["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() },
        };
    }

    /// <summary>2 s, doubling to an hour.</summary>
    private static TimeSpan Wait(int attempts) => TimeSpan.FromSeconds(Math.Min(3600, 2 * Math.Pow(2, Math.Min(attempts - 1, 11))));
}
