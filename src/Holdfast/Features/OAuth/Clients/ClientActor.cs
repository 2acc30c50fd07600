using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Who registers and changes applications: an operator, or whoever sits at the server's command line.</summary>
/// <param name="Me">Null at the command line.</param>
public sealed record ClientActor(SignedIn? Me, Client Client)
{
    public static readonly ClientActor CommandLine = new(null, Client.Server);

    /// <summary>An application of ours is let in without asking anybody: that is power over every account, so a second factor is needed where there is one.</summary>
    public Refusal? ProofMissing(DateTimeOffset now, SessionSettings settings) => Me is null ? null : RequireProof.Of(Me, now, settings, ProofStrength.SecondFactor);

    /// <summary>The same in the transaction of what is done: session, factors and office may have changed since the request came in.</summary>
    internal async Task<Refusal?> Again(WriteTx tx, SessionSettings settings)
    {
        if (Me is null) return null;
        if (await RequireProof.Again(tx, Me, settings) is { } refusal) return refusal;
        return await AccountTable.ById(tx, Me.Account.Id) is { IsOperator: true } ? null : new Refusal("request.not_found", 404);
    }

    internal Task Tell(WriteTx tx, string kind, OAuthClient client, DateTimeOffset now) => AuditLog.Record(tx, now, new AuditEvent(kind, Me?.Account.Id ?? "", Client)
    {
        ActorId = Me?.Account.Id ?? "", SessionId = Me?.Session.Id ?? "", Data = Me is null ? new Dictionary<string, string> { ["client"] = client.Id, ["by"] = "command_line" } : new Dictionary<string, string> { ["client"] = client.Id }, Personal = new Dictionary<string, string> { ["app"] = client.Name },
    });
}

public static class ClientRefusals
{
    public static readonly Refusal Unknown = new("client.unknown", 404);
    public static readonly Refusal FromSettings = new("client.from_settings", 409);
    public static readonly Refusal NoSecret = new("client.no_secret", 409);
}
