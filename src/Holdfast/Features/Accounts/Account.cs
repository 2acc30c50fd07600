namespace Holdfast.Features.Accounts;

/// <summary>One person, one e-mail address.</summary>
public sealed record Account
{
    public required string Id { get; init; }

    /// <summary>As the person wrote it; found by its canonical form.</summary>
    public required string Email { get; init; }

    public required string Name { get; init; }

    /// <summary>BCP 47; null follows the browser.</summary>
    public string? Language { get; init; }

    /// <summary>IANA name; null until the browser told or the person chose.</summary>
    public string? TimeZone { get; init; }

    public DateTimeOffset? OperatorSince { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Closed by those who run the server: no sign-in, and no session counts.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>The person asked for deletion: until it begins, signing in opens nothing but the way back.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The deletion runs: nothing brings the account back.</summary>
    public DateTimeOffset? ErasingAt { get; init; }

    public DateTimeOffset? LastSignInAt { get; init; }

    /// <summary>Neither suspended nor on its way out: somebody who can act.</summary>
    public bool IsActive => SuspendedAt is null && ClosedAt is null;

    public bool IsOperator => OperatorSince is not null;

    /// <summary>The name by which letters greet: the first word of it.</summary>
    public string FirstName => Name.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first : Name;

    /// <summary>One or two letters for the round picture.</summary>
    public string Initials => InitialsOf(Name);

    public static string InitialsOf(string name)
    {
        var words = name.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return "?";
        var first = FirstLetter(words[0]);
        return words.Length == 1 ? first : first + FirstLetter(words[^1]);
    }

    /// <summary>Longest name, in characters.</summary>
    public const int MaximumNameLength = 100;

    private static string FirstLetter(string word) => System.Globalization.StringInfo.GetNextTextElement(word).ToUpperInvariant();
}
