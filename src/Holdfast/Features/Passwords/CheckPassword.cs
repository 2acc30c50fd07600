using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <summary>What the meter shows while somebody types.</summary>
/// <param name="Score">0 to 4; at most 2 when the password would be refused.</param>
/// <param name="Label">Resource key of the strength: <c>password.strength.0</c> to <c>.4</c>, or <c>.empty</c>.</param>
/// <param name="Advice">Resource key of a line that helps (<c>password.advice.…</c>), or null.</param>
/// <param name="Refusal">The first refusal that the server would give, or null. Breaches are only looked up when the form is sent.</param>
public sealed record Strength(int Score, string Label, string? Advice, Refusal? Refusal);

/// <summary>Decides whether a password may be set: the rules first, on the threads that hash, then known breaches.</summary>
public sealed class CheckPassword(PasswordSettings settings, PasswordHasher hasher, BreachedPasswords breached)
{
    private readonly PasswordRules _rules = new(settings);

    /// <summary>
    /// The score (0 to 4) of a password that may be set; otherwise all refusals of <see cref="PasswordRules.Check"/> in one, or <c>password.breached</c>,
    /// <c>password.breach_service_down</c>, <c>hashing.queue_full</c>.
    /// </summary>
    /// <param name="field">The form field or JSON property that the refusal names.</param>
    public async Task<Outcome<int>> Run(PlainPassword password, PasswordContext context, string field = "newPassword", CancellationToken cancel = default)
    {
        var judged = await hasher.Run(() => _rules.Judge(password, context, field), cancel);
        if (!judged.Ok) return judged.Refusal;
        // What the rules refuse is not worth telling anybody else about.
        if (Refusal.Combine(judged.Value.Refusals) is { } refused) return refused;
        return await breached.Check(password, field, cancel) is { } known ? known : judged.Value.Score;
    }

    /// <summary>The strength for the meter, by the rules of <see cref="Run"/> but without the breach check: a service would learn each step of what is typed. Refused with <c>hashing.queue_full</c>.</summary>
    public async Task<Outcome<Strength>> Measure(PlainPassword password, PasswordContext context, string field = "newPassword", CancellationToken cancel = default)
    {
        var judged = await hasher.Run(() => _rules.Judge(password, context, field), cancel);
        if (!judged.Ok) return judged.Refusal;
        var (refusals, score, advice) = judged.Value;
        var label = password.IsEmpty ? "empty" : score.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new Strength(score, $"password.strength.{label}", advice, refusals.Count > 0 ? refusals[0] : null);
    }
}
