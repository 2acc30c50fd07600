using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>Entries of the log about endpoints.</summary>
internal static class WebhookEvents
{
    /// <returns>Id of the entry.</returns>
    public static Task<string> Tell(this OperatorActor actor, WriteTx tx, string kind, WebhookEndpoint endpoint, DateTimeOffset now, params (string Fact, string Value)[] more)
    {
        var data = new Dictionary<string, string> { ["webhook"] = endpoint.Id };
        if (actor.Me is null) data["by"] = "command_line";
        foreach (var (fact, value) in more) data[fact] = value;
        return AuditLog.RecordWithId(tx, now, new AuditEvent(kind, actor.Me?.Account.Id ?? "", actor.Client) { ActorId = actor.Me?.Account.Id ?? "", SessionId = actor.Me?.Session.Id ?? "", Data = data, Personal = new Dictionary<string, string> { ["app"] = endpoint.Name } });
    }
}

public static class WebhookRefusals
{
    public static readonly Refusal Unknown = new("webhook.unknown", 404);
    public static readonly Refusal TooMany = new("webhook.too_many", 409, Args: WebhookEndpoint.Most);
    public static readonly Refusal Paused = new("webhook.paused", 409);
}
