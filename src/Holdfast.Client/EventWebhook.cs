using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>Something that happened at Holdfast and matters for security. It tells ids and no names: who somebody is, the product knows or asks for.</summary>
/// <param name="Id">Of the event, the same in Holdfast's security log. Ids sort by time; calls may come in another order.</param>
/// <param name="Type">Permanent name, such as <c>sign_in.succeeded</c>; the guide <c>docs/guides/webhooks.md</c> has them all. Later versions of Holdfast may send others: pass over what you do not know.</param>
/// <param name="At">When it happened.</param>
/// <param name="Account">Whom it is about: the <c>Id</c> that <see cref="HoldfastPerson"/> has. Null for somebody unknown, and for what is about nobody.</param>
/// <param name="Actor">Who did it, by the same kind of id; null for Holdfast itself, and for somebody unknown.</param>
/// <param name="Workspace">Id of the workspace that it belongs to; null for none.</param>
/// <param name="Session">Id of the session in which it was done; null outside of one.</param>
/// <param name="Outcome"><c>success</c> or <c>failure</c>.</param>
/// <param name="Method">What was proven with, such as <c>password</c>; null where nothing was.</param>
/// <param name="Facts">What there is to say besides, such as <c>count</c>; empty for most.</param>
public sealed record HoldfastEvent(string Id, string Type, DateTimeOffset At, string? Account, string? Actor, string? Workspace, string? Session, string Outcome, string? Method, IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>Reads the event out of a call whose signature was checked.</summary>
    /// <returns>Null when it tells no such event: <c>account.erase</c>, for one, is of another kind.</returns>
    public static HoldfastEvent? From(HoldfastWebhook webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        try
        {
            return webhook.Data.Deserialize<Told>(Json) is { Id: { Length: > 0 } id } told
                ? new HoldfastEvent(id, webhook.Type, webhook.Timestamp, told.Account, told.Actor, told.Workspace, told.Session, told.Outcome ?? "success", told.Method, told.Facts ?? new Dictionary<string, string>())
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private sealed record Told(string? Id, string? Account, string? Actor, string? Workspace, string? Session, string? Outcome, string? Method, Dictionary<string, string>? Facts);
}

/// <summary>Hears from Holdfast what happens there.</summary>
public static class EventWebhook
{
    /// <summary>
    /// Maps <c>POST <paramref name="path"/></c>, where Holdfast tells of security events (page "Webhooks" of its operators, or <c>holdfast webhook add</c>). Signature and time are checked with <see cref="HoldfastOptions.EventSecrets"/>; what was
    /// dealt with is acknowledged and not handled again (<see cref="IHoldfastWebhookLog"/>). When <paramref name="handle"/> throws, the answer is 500 and Holdfast sends the event again with growing waits, for days: it must be safe to run twice. What takes
    /// longer than a few seconds is better put into a queue of the product, and acknowledged.
    /// </summary>
    /// <param name="endpoints">The product.</param>
    /// <param name="path">Such as <c>/hooks/holdfast</c>.</param>
    /// <param name="handle">Deals with one event. It goes on when Holdfast has stopped waiting; its token ends with the product.</param>
    public static IEndpointConventionBuilder MapHoldfastEvents(this IEndpointRouteBuilder endpoints, string path, Func<HoldfastEvent, IServiceProvider, CancellationToken, Task> handle)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(handle);
        var secrets = endpoints.ServiceProvider.GetRequiredService<IOptions<HoldfastOptions>>().Value.EventSecrets ?? throw new InvalidOperationException("Holdfast:EventSecrets is missing: the signing key that Holdfast showed when the webhook was added");
        var reader = new HoldfastWebhookReader(secrets, endpoints.ServiceProvider.GetRequiredService<TimeProvider>());
        return new AnswerWebhook(reader, "Holdfast.Client.EventWebhook").Map(endpoints, path, webhook =>
        {
            if (HoldfastEvent.From(webhook) is not { } told) return (Results.Accepted(), null);
            return (null, async (services, stop) =>
            {
                await handle(told, services, stop);
                return "";
            }
            );
        });
    }
}
