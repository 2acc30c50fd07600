using System.Text;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <summary>What a password may not lean on, and how long it has to be.</summary>
/// <param name="Words">The person's name and e-mail address, the product's name, the workspaces' names; as they are, the rules take them apart.</param>
/// <param name="SecondFactorAlwaysRequired">In profile <c>Nist</c> a password that is never the only factor may be shorter.</param>
public sealed record PasswordContext(IReadOnlyList<string> Words, bool SecondFactorAlwaysRequired)
{
    public static readonly PasswordContext Empty = new([], SecondFactorAlwaysRequired: false);
}

/// <summary>What the rules say about one password.</summary>
/// <param name="Refusals">Empty when it may be used.</param>
/// <param name="Score">0 (guessed at once) to 4 (very hard to guess), by zxcvbn. At most 2 when it is refused.</param>
/// <param name="Advice">Resource key of what would make it better; null when nothing needs to.</param>
public sealed record PasswordJudgement(IReadOnlyList<Refusal> Refusals, int Score, string? Advice);

/// <summary>
/// Which passwords may be set (NIST SP 800-63B-4 §3.1.1.2, ASVS 6.2). No I/O; the same object decides for the form, the API, the command line
/// and the meter. Linear in the length but for the estimator, which sees 64 code points and takes up to some 60 ms on hostile text: run it on
/// <see cref="PasswordHasher.Run{T}"/>.
/// </summary>
public sealed class PasswordRules(PasswordSettings settings)
{
    /// <summary>
    /// All that is wrong at once, each with status 400: <c>password.required</c>, <c>.not_unicode</c>, <c>.too_long</c> (alone), <c>.too_short</c>,
    /// <c>.letters_and_numbers</c>, and, once the length fits, the first of <c>.common</c>, <c>.context</c> and <c>.guessable</c>.
    /// </summary>
    /// <param name="field">The form field or JSON property that the refusals name.</param>
    public IReadOnlyList<Refusal> Check(PlainPassword password, PasswordContext context, string field = "newPassword") =>
        Judge(password, context, field).Refusals;

    /// <summary>As <see cref="Check"/>, with the strength for the meter.</summary>
    public PasswordJudgement Judge(PlainPassword password, PasswordContext context, string field = "newPassword")
    {
        // What is empty, broken or endless is not looked at any further.
        if (password.IsEmpty) return Unseen(new Refusal("password.required", 400, field));
        if (!password.IsValidUnicode) return Unseen(new Refusal("password.not_unicode", 400, field));
        var length = password.CodePoints;
        if (length > PasswordSettings.MaximumLength) return Unseen(new Refusal("password.too_long", 400, field, null, PasswordSettings.MaximumLength));

        var text = password.Reveal();
        var words = new ContextWords([.. context.Words, .. settings.ContextWords]);
        var guess = Guessability.Of(text, words.Plain);
        var refusals = new List<Refusal>();
        var shortest = settings.ShortestFor(context.SecondFactorAlwaysRequired);
        if (length < shortest) refusals.Add(new Refusal("password.too_short", 400, field, null, shortest));
        if (settings.RequireLettersAndNumbers && !HasLetterAndNumber(text)) refusals.Add(new Refusal("password.letters_and_numbers", 400, field));
        if (length >= shortest && Leaning(text, words, guess, field) is { } leaning) refusals.Add(leaning);
        return refusals.Count > 0
            ? new PasswordJudgement(refusals, Math.Min(guess.Score, 2), guess.Advice)
            : new PasswordJudgement([], guess.Score, guess.Score >= 3 ? null : guess.Advice);
    }

    private Refusal? Leaning(string text, ContextWords words, Guessability guess, string field)
    {
        if (CommonPasswords.Has(text)) return new Refusal("password.common", 400, field);
        if (words.Carrying(text) is { } word) return new Refusal("password.context", 400, field, null, word);
        return guess.Score < settings.MinimumScore ? new Refusal("password.guessable", 400, field) : null;
    }

    private static bool HasLetterAndNumber(string text)
    {
        var (letter, number) = (false, false);
        foreach (var rune in text.EnumerateRunes())
        {
            letter |= Rune.IsLetter(rune);
            number |= Rune.IsNumber(rune);
        }
        return letter && number;
    }

    private static PasswordJudgement Unseen(Refusal refusal) => new([refusal], 0, null);
}
