using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Operator;

/// <summary>Who changes what the whole installation trusts or tells (applications, webhooks): an operator, or whoever sits at the server's command line.</summary>
/// <param name="Me">Null at the command line.</param>
public sealed record OperatorActor(SignedIn? Me, Client Client)
{
    public static readonly OperatorActor CommandLine = new(null, Client.Server);

    /// <summary>Power over every account, or an ear at all of them: a second factor is needed where there is one.</summary>
    public Refusal? ProofMissing(DateTimeOffset now, SessionSettings settings) => Me is null ? null : RequireProof.Of(Me, now, settings, ProofStrength.SecondFactor);

    /// <summary>The same in the transaction of what is done: session, factors and office may have changed since the request came in.</summary>
    internal async Task<Refusal?> Again(WriteTx tx, SessionSettings settings)
    {
        if (Me is null) return null;
        if (await RequireProof.Again(tx, Me, settings) is { } refusal) return refusal;
        return await AccountTable.ById(tx, Me.Account.Id) is { IsOperator: true } ? null : new Refusal("request.not_found", 404);
    }
}
