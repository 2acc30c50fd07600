using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

public static class PasskeyRefusals
{
    /// <summary>The host name of <c>PublicUrl</c> is a number.</summary>
    public static readonly Refusal Impossible = new("passkey.impossible", 409);

    /// <summary>No answer came along.</summary>
    public static readonly Refusal Required = new("passkey.required", 400);

    /// <summary>Over, used, or asked for something else.</summary>
    public static readonly Refusal ChallengeOver = new("passkey.challenge_over", 400);

    /// <summary>Malformed, not signed by it, for another place, or not this person's: one answer for all.</summary>
    public static readonly Refusal Wrong = new("passkey.wrong", 400);

    /// <summary>At sign-in: nobody has it. The browser may be told so.</summary>
    public static readonly Refusal Unknown = new("passkey.unknown", 401);

    public static readonly Refusal Paused = new("passkey.paused", 403);
    public static readonly Refusal Copied = new("passkey.copied", 403);
    public static readonly Refusal NotFound = new("passkey.not_found", 404);
    public static readonly Refusal Taken = new("passkey.taken", 409);
    public static readonly Refusal TooMany = new("passkey.too_many", 409, Args: Passkey.Most);
}
