using Zxcvbn.Matcher;

namespace Holdfast.Features.Passwords;

/// <summary>How hard a password is to guess, by zxcvbn (Wheeler) in its edition of 2012, which reckons in bits of entropy.</summary>
/// <param name="Score">0 to 4.</param>
/// <param name="Advice">Resource key of what would help most.</param>
internal readonly record struct Guessability(int Score, string Advice)
{
    /// <summary>The estimator's work grows with the square of the length and more: it sees this many code points. The start of a password has to be good by itself.</summary>
    public const int Seen = 64;

    // Loads six word lists on first use. It keeps no state of what it judges and works from many threads at once.
    private static readonly Lazy<Zxcvbn.Zxcvbn> Estimator = new(() => new Zxcvbn.Zxcvbn());

    /// <param name="password">Valid Unicode of any length.</param>
    /// <param name="words">What the attacker knows about the person and the site: bounded in number and length by <see cref="ContextWords"/>.</param>
    public static Guessability Of(string password, IEnumerable<string> words)
    {
        if (password.Length == 0) return new Guessability(0, "password.advice.longer");
        var once = CommonPasswords.WithoutRepetition(password);
        // This edition of the estimator knows "aaaa" but not "abab".
        var judged = Estimator.Value.EvaluatePassword(WithKnownYears(CommonPasswords.First(once, Seen)), words);
        return new Guessability(judged.Score, once.Length < password.Length ? "password.advice.repeat" : Advise(judged.MatchSequence));
    }

    /// <summary>Years and dates end in 2019 for the estimator: it is shown 2013 for 2023, so that a birthday or this year is no better than an older one.</summary>
    private static string WithKnownYears(string text)
    {
        var signs = text.ToCharArray();
        for (var i = 0; i + 3 < signs.Length; i++)
        {
            if (signs[i] == '2' && signs[i + 1] == '0' && signs[i + 2] is >= '2' and <= '4' && char.IsAsciiDigit(signs[i + 3])) signs[i + 2] = '1';
        }
        return new string(signs);
    }

    /// <summary>Speaks of the longest part that the estimator recognised.</summary>
    private static string Advise(IEnumerable<Zxcvbn.Match> parts)
    {
        var longest = parts.Where(part => part.Pattern != "bruteforce" && part.Token.Length >= 3).MaxBy(part => part.Token.Length);
        return longest switch
        {
            DictionaryMatch { DictionaryName: "user_inputs" } => "password.advice.personal",
            L33tDictionaryMatch => "password.advice.swaps",
            DictionaryMatch { DictionaryName: "passwords" } => "password.advice.common",
            DictionaryMatch { DictionaryName: "surnames" or "male_names" or "female_names" } => "password.advice.name",
            DictionaryMatch => "password.advice.word",
            SpatialMatch => "password.advice.keyboard",
            RepeatMatch => "password.advice.repeat",
            SequenceMatch => "password.advice.sequence",
            { Pattern: "date" or "year" } => "password.advice.date",
            { Pattern: "digits" } => "password.advice.digits",
            _ => "password.advice.longer",
        };
    }
}
