using System.Diagnostics;
using System.Net.Http.Headers;
using Holdfast.Configuration;
using Holdfast.Features.Erasure;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>
/// Tells endpoints of what happened, after the commit, at least once, each event with one id at every try (Standard Webhooks 1.0). Each endpoint has workers of its own: one that is slow or down holds up nobody else. Whoever dies over an event leaves
/// a claim that runs out, and two nodes never send the same one at the same time. The order is not promised.
/// </summary>
public sealed class SendEvents(Db db, WebhookHttp http, KeyRing keys, WebhookLetters letters, TimeProvider clock, HoldfastSettings settings, ILogger<SendEvents> logger)
{
    /// <summary>How often it looks. An event wakes nobody: on PostgreSQL telling other nodes would cost every change that is logged more than this second is worth.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private const int Step = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _busy = new(StringComparer.Ordinal);
    private readonly List<Task> _running = [];

    /// <summary>Longer than any one call may take, so that no event is taken twice while it is being sent.</summary>
    private TimeSpan Lease => settings.Webhooks.Timeout * 2 + TimeSpan.FromMinutes(1);

    /// <summary>Goes on until stopped.</summary>
    public async Task Run(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await Look(stop);
                }
                catch (Exception error) when (error is not OperationCanceledException)
                {
                    // Workers that are under way go on; whoever waited for them would look for nobody else meanwhile.
                    logger.LogError(error, "A fault while looking for events to tell of; it looks again");
                }
                await Task.Delay(Pause, stop);
            }
        }
        finally
        {
            await Task.WhenAll(Running());
        }
    }

    /// <summary>Sends what is due until nothing is.</summary>
    internal async Task SendDue(CancellationToken stop = default)
    {
        do await Task.WhenAll(Running());
        while (await Look(stop) || Running().Count > 0);
    }

    /// <summary>Sets workers on what is due and does not wait for them.</summary>
    /// <returns>True when something was.</returns>
    private async Task<bool> Look(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var due = await db.Read(tx => DeliveryTable.Due(tx, now, Lease), stop);
        lock (_gate)
        {
            _running.RemoveAll(task => task.IsCompleted);
            foreach (var one in due)
            {
                var wanted = one.Failures > 0 ? 1 : (int)one.Events;
                for (var busy = _busy.GetValueOrDefault(one.EndpointId); busy < wanted; busy++)
                {
                    _busy[one.EndpointId] = busy + 1;
                    _running.Add(Task.Run(() => Work(one.EndpointId, stop), CancellationToken.None));
                }
            }
        }
        return due.Count > 0;
    }

    private List<Task> Running()
    {
        lock (_gate) return [.. _running.Where(task => !task.IsCompleted)];
    }

    /// <summary>One of several for one endpoint: goes on until nothing is due for it, or it fails.</summary>
    private async Task Work(string endpointId, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var now = clock.GetUtcNow();
                if (await db.Write(tx => DeliveryTable.Claim(tx, endpointId, now, Lease), stop) is { } delivery)
                {
                    if (!await Carry(delivery, stop)) return;
                }
                // On PostgreSQL two that reach for the same one get one and none: the other looks for the next.
                else if (!await db.Read(tx => DeliveryTable.IsAnyDue(tx, endpointId, now, Lease), stop)) return;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Between two events.
        }
        catch (Exception error)
        {
            logger.LogError(error, "A fault while telling endpoint {Endpoint} of events; what was claimed is taken up again", endpointId);
        }
        finally
        {
            lock (_gate) if (--_busy[endpointId] == 0) _busy.Remove(endpointId);
        }
    }

    /// <returns>False when it is better to rest.</returns>
    private async Task<bool> Carry(Delivery delivery, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        HttpAnswer? answer;
        try
        {
            answer = await Tell(delivery, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await db.Write(async tx => { await DeliveryTable.PutBack(tx, delivery); return Done.It; }, CancellationToken.None);
            return false;
        }
        // It was removed a moment ago.
        if (answer is null) return false;
        var took = (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var over = await db.Write(async tx =>
        {
            if (!answer.IsSuccess) return await Postpone(tx, delivery, answer, took);
            await Finish(tx, delivery, answer, took);
            return null;
        }, CancellationToken.None);
        // The rest of what waited too long, in short transactions: more may come in than one try gives up.
        while (over is { } before && await db.Write(tx => DeliveryTable.GiveUp(tx, delivery.EndpointId, before, clock.GetUtcNow(), Problem(answer), Step), CancellationToken.None) >= Step) await Task.Yield();
        // The id of the endpoint, and never its address: it may hold a secret of the other side.
        if (!answer.IsSuccess) logger.LogWarning("Endpoint {Endpoint} did not take event {Event} ({Kind}) at try {Try}: {Problem}", delivery.EndpointId, delivery.Id, delivery.Kind, delivery.Tries, Problem(answer));
        return answer.IsSuccess;
    }

    /// <returns>Null when the endpoint is gone.</returns>
    private async Task<HttpAnswer?> Tell(Delivery delivery, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        // Read at the last moment: an address that was changed, a key that was added and an endpoint that was removed count for what was claimed before.
        var (endpoint, rows, entry) = await db.Read(async tx => (await WebhookTable.ById(tx, delivery.EndpointId), await WebhookTable.Secrets(tx, delivery.EndpointId, now), await DeliveryTable.Event(tx, delivery)), stop);
        if (endpoint is null) return null;
        if (entry is null) return Ours("the security log keeps this event no longer");
        WebhookSecret[] secrets = [.. rows.Select(row => SigningSecret.Open(keys, endpoint.Id, row)).OfType<WebhookSecret>()];
        if (secrets.Length == 0) return Ours("its signing key cannot be opened with the key file of this server. Make a new one");
        var body = EventMessage.Of(entry);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        SignWebhook.Into(request, MessageId(entry.Id), now, body, secrets);
        return await http.Send(request, stop);
    }

    /// <summary>The header <c>webhook-id</c>: the same at every try, by every node.</summary>
    internal static string MessageId(string eventId) => "evt_" + eventId;

    private async Task Finish(WriteTx tx, Delivery delivery, HttpAnswer answer, long took)
    {
        var now = clock.GetUtcNow();
        var before = await WebhookTable.ById(tx, delivery.EndpointId);
        await DeliveryTable.Finish(tx, delivery, now, answer.Status, took);
        await WebhookTable.NoteGood(tx, delivery.EndpointId, now, answer.Status);
        if (before is { IsFailing: true }) await DeliveryTable.Release(tx, delivery.EndpointId, now);
    }

    /// <returns>What has waited since before this moment is given up; null when nothing is.</returns>
    private async Task<DateTimeOffset?> Postpone(WriteTx tx, Delivery delivery, HttpAnswer answer, long took)
    {
        var now = clock.GetUtcNow();
        if (await WebhookTable.ById(tx, delivery.EndpointId) is not { } endpoint) return null;
        int? status = answer.Status == 0 ? null : answer.Status;
        var (problem, over) = (Problem(answer), now - settings.Webhooks.TryFor);
        if (delivery.Since > over) await DeliveryTable.Postpone(tx, delivery, now, now + WebhookEndpoint.Wait(delivery.Tries, answer.RetryAfter), status, problem, took);
        else
        {
            // Only after a try that failed: a clock that jumped ahead gives up nothing by itself.
            await DeliveryTable.Fail(tx, delivery, now, status, problem, took);
        }
        await WebhookTable.NoteBad(tx, endpoint.Id, now, now + WebhookEndpoint.Hold(endpoint.Failures + 1), status, problem);
        if (endpoint.FailsForLong(now) && await WebhookTable.NoteTold(tx, endpoint.Id, now)) await letters.Failing(tx, endpoint, now);
        return delivery.Since <= over && endpoint.IsFailing ? over : null;
    }

    /// <summary>In our words: what the other side wrote is nobody's to keep, it may name people.</summary>
    private static string Problem(HttpAnswer answer) => answer.Problem ?? (answer.Status is >= 300 and <= 399 ? "a redirect, which is not followed" : "no 2xx");

    private static HttpAnswer Ours(string problem) => new(0, "", null, [], false, null, problem);
}
