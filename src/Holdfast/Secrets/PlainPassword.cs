using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Secrets;

/// <summary>
/// A password as a person typed it, in Unicode normalisation form C (NIST SP 800-63B-4 §3.1.1.2) and otherwise exactly as received:
/// nothing is trimmed, folded or cut (ASVS 6.2.8). It cannot be printed, logged or serialised.
/// </summary>
[JsonConverter(typeof(PlainPasswordJson))]
[DebuggerDisplay("[password]")]
public sealed class PlainPassword
{
    private readonly string _value;

    private PlainPassword(string value) => _value = value;

    /// <summary>Takes what was typed. Null counts as empty. Text with a lone surrogate keeps its code units, so that it simply never matches.</summary>
    public static PlainPassword From(string? typed)
    {
        typed ??= "";
        return new PlainPassword(IsWellFormed(typed) ? typed.Normalize(NormalizationForm.FormC) : typed);
    }

    public bool IsEmpty => _value.Length == 0;

    /// <summary>Length in code points, the unit of every length rule.</summary>
    public int CodePoints
    {
        get
        {
            var count = 0;
            foreach (var _ in _value.EnumerateRunes()) count++;
            return count;
        }
    }

    /// <summary>False when the text is not valid Unicode: such a password could not be typed twice alike.</summary>
    public bool IsValidUnicode => IsWellFormed(_value);

    public bool SameAs(PlainPassword other) => string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <summary>The text itself, for the policy and the hash only.</summary>
    internal string Reveal() => _value;

    /// <summary>UTF-8 bytes for hashing.</summary>
    internal byte[] RevealBytes() => Encoding.UTF8.GetBytes(_value);

    public override string ToString() => "[password]";

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\uFFFE') return false; // Never a character, and string.Normalize throws on it.
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }
        return true;
    }
}

internal sealed class PlainPasswordJson : JsonConverter<PlainPassword>
{
    public override bool HandleNull => true;

    public override PlainPassword Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => PlainPassword.From(reader.GetString()),
        JsonTokenType.Null => PlainPassword.From(null),
        _ => throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"A password is a string.")),
    };

    /// <summary>Writes that there is none, which the description of the API needs for optional ones, and nothing else.</summary>
    public override void Write(Utf8JsonWriter writer, PlainPassword? value, JsonSerializerOptions options)
    {
        if (value is not null) throw new NotSupportedException("A password is never written.");
        writer.WriteNullValue();
    }
}
