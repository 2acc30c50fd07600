using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Secrets;

/// <summary>A code as a person typed it: digits of an app, or a recovery code. It cannot be printed, logged or serialised.</summary>
[JsonConverter(typeof(PlainCodeJson))]
[DebuggerDisplay("[code]")]
public sealed class PlainCode
{
    /// <summary>Longer is no code; what is typed is cut here, so that nobody can make us look at megabytes.</summary>
    private const int Longest = 200;

    private readonly string _value;

    private PlainCode(string value) => _value = value;

    /// <summary>Null counts as empty.</summary>
    public static PlainCode From(string? typed) => new(typed is null ? "" : typed.Length > Longest ? typed[..Longest] : typed);

    public bool IsEmpty => string.IsNullOrWhiteSpace(_value);

    /// <summary>Letters and digits alone, in capitals: spaces and dashes of any kind are how people group. Digits of every script become ASCII, as phones in some countries type them.</summary>
    internal string Symbols()
    {
        var symbols = new StringBuilder(_value.Length);
        foreach (var c in _value)
        {
            if (char.IsWhiteSpace(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation or UnicodeCategory.Format) continue;
            var digit = CharUnicodeInfo.GetDecimalDigitValue(c);
            symbols.Append(digit >= 0 ? (char)('0' + digit) : char.ToUpperInvariant(c));
        }
        return symbols.ToString();
    }

    public override string ToString() => "[code]";
}

internal sealed class PlainCodeJson : JsonConverter<PlainCode>
{
    public override bool HandleNull => true;

    public override PlainCode Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => PlainCode.From(reader.GetString()),
        JsonTokenType.Null => PlainCode.From(null),
        _ => throw new JsonException("A code is a string."),
    };

    /// <summary>Writes that there is none, which the description of the API needs for optional ones, and nothing else.</summary>
    public override void Write(Utf8JsonWriter writer, PlainCode? value, JsonSerializerOptions options)
    {
        if (value is not null) throw new NotSupportedException("A code is never written.");
        writer.WriteNullValue();
    }
}
