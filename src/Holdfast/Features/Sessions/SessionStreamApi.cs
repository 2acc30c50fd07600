using System.Text.Json;
using Holdfast.Web;

namespace Holdfast.Features.Sessions;

/// <summary>The first event: whose session it is. A page of somebody else must not stay.</summary>
public sealed record StreamOpened(string Account, string Session);

/// <param name="Reason">An <see cref="EndReason"/>.</param>
public sealed record StreamEnded(string Reason);

/// <summary>Server-sent events (HTML standard §9.2) that tell a page when its session ends.</summary>
public static class SessionStreamApi
{
    private static readonly Refusal Full = new("session.streams_full", 503, RetryAfter: TimeSpan.FromSeconds(30));

    private const string Description =
        "Events: `open` (account and session), `ended` (with the reason; the stream ends), `renewed` (the session has a new token: open another stream with the new cookie), `crowded` (a newer page of this session took the place). "
        + "A comment every 15 seconds keeps proxies from closing it; it ends after an hour at the latest, and when the server stops. Holding it open does not count as use of the session.";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/api/v1/session/stream", Run).WithMetadata(new NotAUseAttribute()).WithTags("Sessions")
        .WithName("watchSession").WithSummary("Hear at once when the session ends").WithDescription(Description)
        .WithMetadata(new ProducesResponseTypeMetadata(200, typeof(string), ["text/event-stream"])).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    private static async Task Run(HttpContext context, SessionStreams streams, WatchSession watch, IHostApplicationLifetime server)
    {
        // A foreign page could not read it, but take the places of the person's own pages.
        if (Gate.IsForeign(context.Request))
        {
            await Problems.Answer(context, Gate.Forged);
            return;
        }
        using var stream = streams.Open(context.Me());
        if (stream is null)
        {
            await Problems.Answer(context, Full);
            return;
        }
        var response = context.Response;
        response.ContentType = "text/event-stream";
        // Neither stored, nor compressed or gathered on the way.
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        // A server that stops would wait for every open answer.
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, server.ApplicationStopping);
        try
        {
            await foreach (var (news, reason) in watch.Run(stream, gone.Token))
            {
                await response.BodyWriter.WriteAsync(Write(stream.SignedIn, news, reason), gone.Token);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // Nobody listens any more, or nobody speaks.
        }
    }

    private static ReadOnlyMemory<byte> Write(SignedIn me, StreamNews news, string? reason) => news switch
    {
        StreamNews.Opened => Event("open", JsonSerializer.SerializeToUtf8Bytes(new StreamOpened(me.Account.Id, me.Session.Id), ApiJson.Default.StreamOpened)),
        StreamNews.Heartbeat => ":\n\n"u8.ToArray(),
        StreamNews.Ended => Event("ended", JsonSerializer.SerializeToUtf8Bytes(new StreamEnded(reason!), ApiJson.Default.StreamEnded)),
        StreamNews.Renewed => Event("renewed", "{}"u8),
        StreamNews.Crowded => Event("crowded", "{}"u8),
        _ => throw new ArgumentOutOfRangeException(nameof(news)),
    };

    private static byte[] Event(string name, ReadOnlySpan<byte> data) => [.. "event: "u8, .. System.Text.Encoding.ASCII.GetBytes(name), .. "\ndata: "u8, .. data, .. "\n\n"u8];
}
