using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Sessions;

/// <summary>The rows of live sessions, as two pages show them.</summary>
public sealed record SessionRows(HoldfastPage Page, IReadOnlyList<Session> Sessions);

/// <summary>How a sign-in was proven, in words.</summary>
public static class Methods
{
    public static string Say(string methods, Text text) => string.Join(", ", methods.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(m => text[$"method.{m}"]));

    /// <summary>Name of the glyph in the sprite.</summary>
    public static string Icon(string method) => method switch { ProofMethod.Totp => "phone", ProofMethod.RecoveryCode => "lifering", ProofMethod.Password => "key", _ => "shield-check" };
}
