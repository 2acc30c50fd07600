using Holdfast.Web;

namespace Holdfast.Features.Shared;

/// <summary>A line of text in a form.</summary>
/// <param name="Value">What was typed before; shown again after a refusal.</param>
public sealed record TextField(HoldfastPage Page, string Name, string Label, string? Value, string Type = "text", string? Autocomplete = null, string? Hint = null, bool Autofocus = false, int? MaxLength = null)
{
    public string? Error => Page.ErrorAt(Name);

    public bool TakesFocus => Page.FirstWrongField is { } wrong ? wrong == Name : Autofocus;
}

/// <summary>A password field: never filled in, never cut.</summary>
/// <param name="Meter">Shows how strong it is while typing.</param>
/// <param name="Beside">A link beside the label: its words, and where it leads.</param>
public sealed record PasswordField(HoldfastPage Page, string Name, string Label, string Autocomplete, string? Hint = null, bool Meter = false, bool Autofocus = false, string? About = null, (string Words, string To)? Beside = null)
{
    public string? Error => Page.ErrorAt(Name);

    public bool TakesFocus => Page.FirstWrongField is { } wrong ? wrong == Name : Autofocus;

    public string? DescribedBy
    {
        get
        {
            string[] parts = [.. new[] { Hint is null ? null : $"{Name}-hint", Meter ? $"{Name}-strength" : null, Error is null ? null : $"{Name}-error" }.OfType<string>()];
            return parts.Length == 0 ? null : string.Join(' ', parts);
        }
    }
}

/// <summary>A field for a code: six digits, or a recovery code. What was typed is not sent back: each code works once.</summary>
/// <param name="Method">What kind of code: a <see cref="Sessions.ProofMethod"/>.</param>
/// <param name="Hint">End of the text key <c>second_step.hint.…</c>.</param>
public sealed record CodeField(HoldfastPage Page, string Method, string Hint = Sessions.ProofMethod.Totp, bool Autofocus = true, string Name = "code")
{
    public string? Error => Page.ErrorAt(Name);

    public bool TakesFocus => Page.FirstWrongField is { } wrong ? wrong == Name : Autofocus;
}
