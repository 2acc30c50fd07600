using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Six digits of an authenticator app.</summary>
public sealed class ProveByApp(KeyRing keys, ILogger<ProveByApp> logger) : IWayToProve
{
    public string Method => ProofMethod.Totp;

    public string GuessedSecret => Throttle.SecondFactor;

    /// <summary><c>code.required</c> or <c>code.digits</c> (400).</summary>
    public Refusal? Misshapen(SecondProof proof) => Shape(proof.Answer);

    internal static Refusal? Shape(PlainCode answer)
    {
        if (answer.IsEmpty) return TwoFactorRefusals.CodeRequired;
        if (TotpCode.TryParse(answer, out _, out var count)) return null;
        return count >= 0 ? new Refusal("code.digits", 400, "code", Args: count) : new Refusal("code.only_digits", 400, "code");
    }

    /// <summary>Refuses with <c>code.wrong</c> and <c>code.used</c> (400).</summary>
    public async Task<Outcome<AcceptedFactor>> Accept(WriteTx tx, Account account, SecondProof proof, ProofContext context, DateTimeOffset now)
    {
        if (!TotpCode.TryParse(proof.Answer, out var code, out _)) return TwoFactorRefusals.CodeWrong;
        var known = false;
        foreach (var app in await TotpTable.Confirmed(tx, account.Id))
        {
            if (TotpKey.Open(keys, account.Id, app.Id, app.SealedKey) is not { } key)
            {
                logger.LogError("The key of authenticator app {App} cannot be opened with the key file of this server: run holdfast doctor", app.Id);
                continue;
            }
            if (Totp.StepOf(key, code, now) is not { } step) continue;
            if (!await TotpTable.Accept(tx, account.Id, app.Id, step, now))
            {
                known = true;
                continue;
            }
            // The key file has a newer key: what is used moves on to it.
            if (app.KeyId != keys.NewestId) await TotpTable.Reseal(tx, account.Id, app.Id, app.KeyId, key.Seal(keys, account.Id, app.Id), keys.NewestId);
            return new AcceptedFactor(Method, app.Id);
        }
        return known ? TwoFactorRefusals.CodeUsed : TwoFactorRefusals.CodeWrong;
    }
}
