using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>A recovery code, in the place of a lost app.</summary>
public sealed class ProveByRecoveryCode(KeyRing keys) : IWayToProve
{
    public string Method => ProofMethod.RecoveryCode;

    public string GuessedSecret => Throttle.RecoveryCode;

    /// <summary><c>code.required</c> or <c>recovery_code.shape</c> (400).</summary>
    public Refusal? Misshapen(SecondProof proof) => proof.Answer.IsEmpty ? TwoFactorRefusals.CodeRequired : RecoveryCode.TryParse(proof.Answer, out _) ? null : TwoFactorRefusals.RecoveryCodeShape;

    /// <summary>Refuses with <c>recovery_code.wrong</c> (400): unknown, another person's, or used; one answer for all.</summary>
    public async Task<Outcome<AcceptedFactor>> Accept(WriteTx tx, Account account, SecondProof proof, ProofContext context, DateTimeOffset now)
    {
        if (!RecoveryCode.TryParse(proof.Answer, out var code)) return TwoFactorRefusals.RecoveryCodeWrong;
        foreach (var hash in code.HashWithEach(keys, account.Id))
        {
            if (!await RecoveryCodeTable.Use(tx, account.Id, hash, now)) continue;
            tx.Announce(new Announcement("account", account.Id));
            return new AcceptedFactor(Method, "");
        }
        return TwoFactorRefusals.RecoveryCodeWrong;
    }
}
