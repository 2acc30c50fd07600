using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.SignIn;

/// <summary>
/// The brake on guessing. Each try is charged as a failure before the secret is looked at, in the statement that also decides whether it may happen,
/// so that a thousand tries at once get no more than one after the other would; success takes the charge back (NIST SP 800-63B-4 §3.2.2, ASVS 6.1.1, 6.3.1).
/// Browsers known to the account are counted apart, so that strangers cannot lock a person out.
/// </summary>
public sealed class Throttle(KeyRing keys, HoldfastSettings settings)
{
    /// <summary>Which secret is being guessed: each kind is counted for itself.</summary>
    public const string Password = "password";

    /// <summary>Six digits of an app: few enough to be guessed, so nobody gets more than <c>SignIn:StopAt</c> wrong tries in a row, known browsers included.</summary>
    public const string SecondFactor = "second_factor";

    /// <summary>80 random bits: counted to spare the server, never stopped, so that it stays the way back.</summary>
    public const string RecoveryCode = "recovery_code";

    /// <summary>Requests for a new password: they guess nothing, but each may write a letter to somebody.</summary>
    public const string Recovery = "recovery";

    /// <summary>Requests for an account, for the same reason.</summary>
    public const string SignUp = "sign_up";

    /// <summary>A signature, which nobody can guess: counted for the network alone, to spare the server. Nothing is counted for the person, so that nobody can hold them up.</summary>
    public const string Passkey = "passkey";

    /// <summary>Keys of programs, 256 random bits: counted for the network alone, to spare the server.</summary>
    public const string ApiKey = "api_key";

    private readonly SignInSettings _rules = settings.SignIn;

    /// <summary>Whom a count is about: a canonical e-mail address, whether or not it has an account, and the browser if it is known there.</summary>
    /// <param name="StopAt">Tries in a row after which there are no more.</param>
    public sealed record Subject(string Kind, byte[] Person, byte[] Network, bool KnownBrowser, int StopAt);

    public Subject For(string kind, string canonicalEmail, Client client, bool knownBrowser) => new(
        kind,
        keys.Hash("throttle", $"{kind}\n{canonicalEmail}\n{(knownBrowser ? Convert.ToHexString(client.Browser!.Value.ToBytes()) : "strangers")}"),
        ForNetwork(kind, client),
        knownBrowser,
        // A known browser waits at most LongestWait between passwords; strangers are stopped altogether at StopAt.
        kind switch { Password => knownBrowser ? int.MaxValue : _rules.StopAt, RecoveryCode => int.MaxValue, _ => _rules.StopAt });

    /// <summary>Under which a network is counted, for what is limited by network alone.</summary>
    public byte[] ForNetwork(string kind, Client client) => keys.Hash("throttle", $"{kind}\nnetwork\n{client.Network}");

    /// <returns>Null when it may happen; else how long to wait.</returns>
    public async Task<TimeSpan?> ChargeNetwork(WriteTx tx, byte[] network, int limit, DateTimeOffset now) => await ThrottleTable.ChargeNetwork(tx, network, now, limit, now + _rules.NetworkWindow)
        ? null
        : AtLeastOneSecond(((await ThrottleTable.Of(tx, network))?.WindowEndsAt ?? now) - now);

    /// <summary>A round of letters to many people at once, of which there are only so many in a day.</summary>
    /// <param name="about">What the rounds are counted for: a workspace, say.</param>
    /// <param name="most">Rounds in 24 hours, at least 1.</param>
    /// <returns>True when this round may go out; it is counted.</returns>
    public Task<bool> ChargeRound(WriteTx tx, string kind, string about, int most, DateTimeOffset now) =>
        ThrottleTable.ChargeNetwork(tx, keys.Hash("throttle", $"{kind}\nround\n{about}"), now, most, now.AddDays(1));

    /// <summary>Charges something that is limited by network alone, whoever it is about, and writes down the first that a full network holds back.</summary>
    /// <param name="code">Of the refusal (429), which the log names as well.</param>
    /// <returns>Null when it may happen.</returns>
    internal async Task<Refusal?> ChargeNetwork(WriteTx tx, string kind, Client client, int limit, string code, DateTimeOffset now)
    {
        var network = ForNetwork(kind, client);
        if (await ChargeNetwork(tx, network, limit, now) is not { } wait) return null;
        if (await IsNews(tx, network)) await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignInThrottled, "", client) { ActorId = "", Data = new Dictionary<string, string> { ["why"] = code } });
        return new Refusal(code, 429, RetryAfter: wait);
    }

    /// <summary>Charges one try. Null when it may happen.</summary>
    /// <returns><c>sign_in.wait</c>, <c>sign_in.stopped</c> or <c>sign_in.network_wait</c> (429) with how long to wait; the same under <c>second_factor</c> for codes; <c>passkey.network_wait</c>.</returns>
    public async Task<Refusal?> Charge(WriteTx tx, Subject subject, DateTimeOffset now)
    {
        var isPassword = subject.Kind == Password;
        // A known browser has a count of its own: a stranger behind the same address must not use up its tries.
        if (!subject.KnownBrowser && await ChargeNetwork(tx, subject.Network, _rules.NetworkLimit, now) is { } full)
        {
            if (subject.Kind == Passkey) return new Refusal("passkey.network_wait", 429, RetryAfter: full);
            return isPassword ? new Refusal("sign_in.network_wait", 429, RetryAfter: full) : new Refusal("second_factor.network_wait", 429, RetryAfter: full);
        }
        if (subject.Kind == Passkey) return null;
        if (!await ThrottleTable.ChargePerson(tx, subject.Person, now, _rules.FreeTries, _rules.FirstWait, _rules.LongestWait, Doublings, subject.StopAt))
        {
            await RefundNetwork(tx, subject);
            var row = await ThrottleTable.Of(tx, subject.Person);
            if (row is not null && row.Failures >= subject.StopAt) return isPassword ? new Refusal("sign_in.stopped", 429, RetryAfter: _rules.LongestWait) : new Refusal("second_factor.stopped", 429, RetryAfter: _rules.LongestWait);
            var wait = AtLeastOneSecond((row?.NextTryAt ?? now) - now);
            return isPassword ? new Refusal("sign_in.wait", 429, RetryAfter: wait) : new Refusal("second_factor.wait", 429, RetryAfter: wait);
        }
        return null;
    }

    /// <summary>The secret was right: the row of failures is broken, and the network gets its try back.</summary>
    /// <remarks>The network comes first here as it does in <see cref="Charge"/>: rows that are always taken in one order never wait for each other crosswise.</remarks>
    public static async Task Succeeded(WriteTx tx, Subject subject)
    {
        await RefundNetwork(tx, subject);
        await ThrottleTable.Clear(tx, subject.Person);
    }

    /// <summary>The secret was never looked at (the server was busy): nothing was learnt, nothing is counted.</summary>
    public static async Task TakeBack(WriteTx tx, Subject subject)
    {
        await RefundNetwork(tx, subject);
        await ThrottleTable.Refund(tx, subject.Person);
    }

    /// <summary>True for the first try that a wait, the stop or a full network holds back: each is written down once, so that whoever hammers on fills no log (ASVS 16.3.1).</summary>
    public static Task<bool> IsNews(WriteTx tx, Subject subject, Refusal refusal) =>
        refusal.Code.EndsWith("network_wait", StringComparison.Ordinal) ? ThrottleTable.TellOfNetwork(tx, subject.Network) : ThrottleTable.TellOfPerson(tx, subject.Person);

    /// <summary>The same for what is limited by network alone: true once for each full window.</summary>
    public static Task<bool> IsNews(WriteTx tx, byte[] network) => ThrottleTable.TellOfNetwork(tx, network);

    /// <summary>After a recovered password strangers may try passwords and recovery codes again; six digits not: whoever reads the mail could guess at them without end.</summary>
    public async Task Recovered(WriteTx tx, string canonicalEmail)
    {
        await Clear(tx, Password, canonicalEmail);
        await Clear(tx, RecoveryCode, canonicalEmail);
    }

    /// <summary>Nothing is counted for this address any more, by whichever kind of secret; for passkeys nothing ever is. Counts of known browsers are keyed by the browser, which is gone: they go when nobody has touched them for 90 days.</summary>
    public async Task Forget(WriteTx tx, string canonicalEmail)
    {
        foreach (var kind in (string[])[Password, SecondFactor, RecoveryCode, Recovery, SignUp]) await Clear(tx, kind, canonicalEmail);
    }

    /// <summary>Strangers may try this kind of secret again.</summary>
    public Task Clear(WriteTx tx, string kind, string canonicalEmail) => Clear(tx, For(kind, canonicalEmail, Client.Server, false));

    public static Task Clear(WriteTx tx, Subject subject) => ThrottleTable.Clear(tx, subject.Person);

    private static Task RefundNetwork(WriteTx tx, Subject subject) => subject.KnownBrowser ? Task.CompletedTask : ThrottleTable.Refund(tx, subject.Network);

    private int Doublings => (int)Math.Ceiling(Math.Log2(_rules.LongestWait / _rules.FirstWait));

    private static TimeSpan AtLeastOneSecond(TimeSpan wait) => wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait;
}
