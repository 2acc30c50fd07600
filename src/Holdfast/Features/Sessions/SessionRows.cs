using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Sessions;

/// <summary>The rows of live sessions, as two pages show them.</summary>
/// <param name="More">Live sessions besides these, one click away.</param>
public sealed record SessionRows(HoldfastPage Page, IReadOnlyList<Session> Sessions, int More = 0)
{
    /// <summary>When these are of what a search found: what it was, and how many it found.</summary>
    public SessionSearch Search { get; init; } = SessionSearch.All;

    public int Found { get; init; }
}

/// <summary>How a sign-in was proven, in words.</summary>
public static class Methods
{
    /// <summary>"Password", "Password and 6-digit code".</summary>
    public static string Say(string methods, Text text) => methods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(m => text[$"method.{m}"])
        .Aggregate("", (said, next) => said.Length == 0 ? next : text["methods.and", said, char.ToLower(next[0], text.Culture) + next[1..]]);

    /// <summary>Name of the glyph in the sprite.</summary>
    public static string Icon(string method) => method switch { ProofMethod.Totp => "phone", ProofMethod.Passkey => "passkey", ProofMethod.RecoveryCode => "lifering", ProofMethod.Password => "key", _ => "shield-check" };
}
