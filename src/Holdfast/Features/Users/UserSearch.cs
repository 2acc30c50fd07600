using Holdfast.Features.Workspaces;

namespace Holdfast.Features.Users;

/// <summary>Whom somebody looks for in the list. Rules only.</summary>
/// <param name="Text">Beginnings of words of name and address, in any order; empty for all.</param>
/// <param name="Role">Key of a role; empty for any.</param>
/// <param name="Only">One of <see cref="Filters"/>; empty for everybody.</param>
public sealed record UserSearch(string Text, string Role, string Only)
{
    public const int LongestText = 100;

    public const string WithoutTwoFactor = "without-two-factor";
    public const string NeverSignedIn = "never-signed-in";
    public const string Suspended = "suspended";

    public static readonly IReadOnlyList<string> Filters = [WithoutTwoFactor, NeverSignedIn, Suspended];

    public static readonly UserSearch All = new("", "", "");

    /// <summary>From an address: what is too long or unknown counts as not asked for.</summary>
    public static UserSearch Of(string? text, string? role, string? only) =>
        new(text?.Trim() is { Length: <= LongestText } some ? some : "", role is { Length: <= 40 } && role.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? role : "", only is not null && Filters.Contains(only, StringComparer.Ordinal) ? only : "");

    /// <summary>The words looked for, the longest first; empty when there is nothing to look for.</summary>
    public IReadOnlyList<string> Words => MemberWords.Asked(Text);

    /// <summary>Something was typed that holds no letter and no digit: nobody has it.</summary>
    public bool FindsNobody => Text.Length > 0 && Words.Count == 0;

    public bool IsAll => Text.Length == 0 && Role.Length == 0 && Only.Length == 0;
}
