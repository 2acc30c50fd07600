using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Entries of the log about applications.</summary>
internal static class ClientEvents
{
    public static Task Tell(this OperatorActor actor, WriteTx tx, string kind, OAuthClient client, DateTimeOffset now)
    {
        var data = new Dictionary<string, string> { ["client"] = client.Id };
        if (actor.Me is null) data["by"] = "command_line";
        return AuditLog.Record(tx, now, new AuditEvent(kind, actor.Me?.Account.Id ?? "", actor.Client) { ActorId = actor.Me?.Account.Id ?? "", SessionId = actor.Me?.Session.Id ?? "", Data = data, Personal = new Dictionary<string, string> { ["app"] = client.Name } });
    }
}

public static class ClientRefusals
{
    public static readonly Refusal Unknown = new("client.unknown", 404);
    public static readonly Refusal FromSettings = new("client.from_settings", 409);
    public static readonly Refusal NoSecret = new("client.no_secret", 409);
}
