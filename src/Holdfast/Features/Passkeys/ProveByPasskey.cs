using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>A passkey as second factor.</summary>
public sealed class ProveByPasskey(PasskeyCeremony ceremony, AcceptPasskey accept) : IWayToProve
{
    public string Method => ProofMethod.Passkey;

    public string GuessedSecret => Throttle.Passkey;

    /// <summary><c>passkey.required</c> or <c>passkey.wrong</c> (400).</summary>
    public Refusal? Misshapen(SecondProof proof) =>
        proof.Passkey is not { } answer || answer.Credential.Length == 0 || answer.Ticket.Length == 0 ? PasskeyRefusals.Required : PasskeyCeremony.IdOf(answer.Credential) is null ? PasskeyRefusals.Wrong : null;

    /// <summary>Refuses as <see cref="AcceptPasskey.In"/>.</summary>
    public async Task<Outcome<AcceptedFactor>> Accept(WriteTx tx, Account account, SecondProof proof, ProofContext context, DateTimeOffset now)
    {
        var answer = proof.Passkey!;
        if (ceremony.Open(context.Passkey, answer.Ticket, now) is not { } ticket) return PasskeyRefusals.ChallengeOver;
        if (await PasskeyTable.ByCredential(tx, PasskeyCeremony.IdOf(answer.Credential)!) is not { } found) return PasskeyRefusals.Wrong;
        var accepted = await accept.In(tx, ticket, answer, account, found, alone: false, context.Client, context.SessionId, now);
        return accepted.Ok ? new AcceptedFactor(Method, accepted.Value.Id) : accepted.Refusal;
    }
}
