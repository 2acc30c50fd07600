using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passkeys;
using Holdfast.Features.SignIn;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>What a person offers as second factor.</summary>
/// <param name="Method">A <see cref="Sessions.ProofMethod"/>.</param>
/// <param name="Answer">A code; empty for what is none.</param>
/// <param name="Passkey">What the browser brought back; null for what is no passkey.</param>
public sealed record SecondProof(string Method, PlainCode Answer, PasskeyAnswer? Passkey = null)
{
    /// <summary>Of a form: a passkey where the browser brought one back, else a code.</summary>
    public static SecondProof Of(string method, string? code, string? ticket, string? credential) =>
        string.IsNullOrEmpty(credential) ? new(method, PlainCode.From(code)) : new(Sessions.ProofMethod.Passkey, PlainCode.From(null), new PasskeyAnswer(ticket ?? "", credential));
}

/// <param name="Failure">The <see cref="AuditKind"/> under which a wrong answer is recorded.</param>
/// <param name="SessionId">Empty while nobody is signed in.</param>
/// <param name="Passkey">What a passkey has to have been asked for to serve here.</param>
public sealed record ProofContext(string Failure, string SessionId, Client Client, PasskeyPurpose Passkey);

/// <summary>
/// Checks a second factor in the caller's transaction, under a brake of its own: wrong answers are counted for the account over all sessions, browsers and networks, browsers that the account knows
/// apart from all others, and the password being right changes nothing about it (NIST SP 800-63B-4 §3.2.2, ASVS 6.3.1, 6.6.3).
/// </summary>
public sealed class ProveSecondFactor(IEnumerable<IWayToProve> ways, Throttle throttle)
{
    private readonly IReadOnlyList<IWayToProve> _ways = [.. ways];

    /// <summary>
    /// Refuses with <c>two_factor.way_unknown</c>, what the way says about the form of the answer, <c>code.wrong</c>, <c>code.used</c>, <c>recovery_code.wrong</c>, <c>passkey.wrong</c>, <c>passkey.challenge_over</c> (400), <c>passkey.copied</c> (403),
    /// <c>second_factor.wait</c>, <c>second_factor.stopped</c>, <c>second_factor.network_wait</c>, <c>passkey.network_wait</c> (429). After a refusal the caller commits: the try counts.
    /// </summary>
    public async Task<Outcome<AcceptedFactor>> In(WriteTx tx, Account account, SecondProof proof, ProofContext context, DateTimeOffset now)
    {
        if (_ways.FirstOrDefault(w => w.Method == proof.Method) is not { } way) return TwoFactorRefusals.WayUnknown;
        if (way.Misshapen(proof) is { } misshapen) return misshapen;
        var canonical = MailAddressShape.Canonical(account.Email);
        // Somebody with the password alone could have made browsers known without number while two-factor was off.
        var since = (await TwoFactorTable.Of(tx, account.Id)).OnSince;
        var known = since is not null && context.Client.Browser is { } browser && await KnownBrowserTable.KnowsSince(tx, account.Id, browser, since.Value);
        var subject = throttle.For(way.GuessedSecret, canonical, context.Client, known);
        if (await throttle.Charge(tx, subject, now) is { } refusal)
        {
            if (await Throttle.IsNews(tx, subject, refusal)) await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignInThrottled, account.Id, context.Client) { ActorId = "", SessionId = context.SessionId, Data = new Dictionary<string, string> { ["why"] = refusal.Code, ["method"] = proof.Method } });
            return refusal;
        }
        var accepted = await way.Accept(tx, account, proof, context, now);
        if (accepted.Ok)
        {
            await Throttle.Succeeded(tx, subject);
            // The way back when strangers have used up all tries with six digits: a recovery code cannot be guessed, so its owner is here.
            if (way.GuessedSecret == Throttle.RecoveryCode)
            {
                await throttle.Clear(tx, Throttle.SecondFactor, canonical);
                await Throttle.Clear(tx, throttle.For(Throttle.SecondFactor, canonical, context.Client, known));
            }
        }
        else
        {
            await AuditLog.Record(tx, now, new AuditEvent(context.Failure, account.Id, context.Client)
            {
                ActorId = context.SessionId.Length == 0 ? "" : null, SessionId = context.SessionId, Data = new Dictionary<string, string> { ["method"] = proof.Method },
            });
        }
        return accepted;
    }
}
