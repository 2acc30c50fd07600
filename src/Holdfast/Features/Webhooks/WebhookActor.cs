using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>Who registers and changes endpoints: an operator, or whoever sits at the server's command line.</summary>
/// <param name="Me">Null at the command line.</param>
public sealed record WebhookActor(SignedIn? Me, Client Client)
{
    public static readonly WebhookActor CommandLine = new(null, Client.Server);

    /// <summary>An endpoint hears of everybody, and one that is gone leaves whoever watches blind: a second factor is needed where there is one.</summary>
    public Refusal? ProofMissing(DateTimeOffset now, SessionSettings settings) => Me is null ? null : RequireProof.Of(Me, now, settings, ProofStrength.SecondFactor);

    /// <summary>The same in the transaction of what is done: session, factors and office may have changed since the request came in.</summary>
    internal async Task<Refusal?> Again(WriteTx tx, SessionSettings settings)
    {
        if (Me is null) return null;
        if (await RequireProof.Again(tx, Me, settings) is { } refusal) return refusal;
        return await AccountTable.ById(tx, Me.Account.Id) is { IsOperator: true } ? null : new Refusal("request.not_found", 404);
    }

    /// <returns>Id of the entry.</returns>
    internal Task<string> Tell(WriteTx tx, string kind, WebhookEndpoint endpoint, DateTimeOffset now, params (string Fact, string Value)[] more)
    {
        var data = new Dictionary<string, string> { ["webhook"] = endpoint.Id };
        if (Me is null) data["by"] = "command_line";
        foreach (var (fact, value) in more) data[fact] = value;
        return AuditLog.RecordWithId(tx, now, new AuditEvent(kind, Me?.Account.Id ?? "", Client) { ActorId = Me?.Account.Id ?? "", SessionId = Me?.Session.Id ?? "", Data = data, Personal = new Dictionary<string, string> { ["app"] = endpoint.Name } });
    }
}

public static class WebhookRefusals
{
    public static readonly Refusal Unknown = new("webhook.unknown", 404);
    public static readonly Refusal TooMany = new("webhook.too_many", 409, Args: WebhookEndpoint.Most);
    public static readonly Refusal Paused = new("webhook.paused", 409);
}
