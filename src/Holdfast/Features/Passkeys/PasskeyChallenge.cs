using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Holdfast.Secrets;

namespace Holdfast.Features.Passkeys;

/// <summary>What an answer is asked for, and of whom. It goes into the seal, so that an answer serves nothing else: not another step, not another session, not another browser.</summary>
public readonly record struct PasskeyPurpose
{
    private PasskeyPurpose(string seal) => Seal = seal;

    internal string Seal { get; }

    /// <param name="browser">Hash of the cookie that the browser got with the challenge.</param>
    public static PasskeyPurpose SignIn(TokenHash browser) => new($"passkey sign_in {Convert.ToHexString(browser.ToBytes())}");

    public static PasskeyPurpose SecondStep(TokenHash pending) => new($"passkey second_step {Convert.ToHexString(pending.ToBytes())}");

    public static PasskeyPurpose StepUp(string sessionId) => new($"passkey step_up {sessionId}");

    public static PasskeyPurpose TurnOff(string sessionId) => new($"passkey turn_off {sessionId}");

    public static PasskeyPurpose Add(string sessionId) => new($"passkey add {sessionId}");
}

/// <summary>A challenge as it goes to the browser.</summary>
/// <param name="Ticket">Comes back with the answer. Sealed: it says when it was made, for what, and which challenge it was.</param>
/// <param name="Options">JSON for <c>PublicKeyCredential.parseCreationOptionsFromJSON</c> or <c>parseRequestOptionsFromJSON</c>.</param>
public sealed record PasskeyChallenge(string Ticket, string Options, DateTimeOffset EndsAt);

/// <summary>What a browser brings back.</summary>
/// <param name="Credential">What <c>PublicKeyCredential.toJSON()</c> made.</param>
public sealed record PasskeyAnswer(string Ticket, string Credential)
{
    public override string ToString() => "[passkey]";
}

/// <summary>
/// A challenge that is under way. Nothing is written when one is made, so that looking at the sign-in page costs no row: the ticket is sealed, and the answer is what uses it up (<see cref="UsedChallengeTable"/>).
/// </summary>
/// <param name="State">What the handler needs to know again.</param>
public sealed record PasskeyTicket(string State, DateTimeOffset EndsAt)
{
    /// <summary>As long as WebAuthn recommends for asking somebody to prove who they are (L3 §15.1), and no longer.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int Longest = 4096;

    /// <summary>Stands for the challenge. Of what was sealed, not of its spelling: the same ticket written in two ways is one.</summary>
    public TokenHash Hash => TokenHash.Of(Encoding.UTF8.GetBytes(State));

    internal string Seal(KeyRing keys, PasskeyPurpose purpose) =>
        Base64Url.EncodeToString(keys.Seal(purpose.Seal, Encoding.UTF8.GetBytes($"{EndsAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}\n{State}")));

    /// <summary>Null when it was not made here, is for another purpose, or is over.</summary>
    internal static PasskeyTicket? Open(KeyRing keys, PasskeyPurpose purpose, string text, DateTimeOffset now)
    {
        if (text.Length is 0 or > Longest || !Base64Url.IsValid(text) || keys.Open(purpose.Seal, Base64Url.DecodeFromChars(text)) is not { } bytes) return null;
        var parts = Encoding.UTF8.GetString(bytes).Split('\n', 2);
        var endsAt = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(parts[0], CultureInfo.InvariantCulture));
        // A clock that was set back must not make it last.
        return now < endsAt && endsAt - now <= Lifetime ? new PasskeyTicket(parts[1], endsAt) : null;
    }
}
