using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>A button that asks the browser for a passkey, inside the form that it sends. Hidden until script finds that the browser can.</summary>
/// <param name="Options">Address of the challenge.</param>
/// <param name="Label">Text key.</param>
public sealed record PasskeyButton(HoldfastPage Page, string Options, string Label)
{
    /// <summary>Makes a new one.</summary>
    public bool Creates { get; init; }

    /// <summary>Offers passkeys in the list of the e-mail field as well.</summary>
    public bool Autofill { get; init; }

    /// <summary>The first thing to do on the page.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Says "or" above it.</summary>
    public bool Or { get; init; }
}
