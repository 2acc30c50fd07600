using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Holdfast.Features.Export;

/// <summary>A part of an export: its rows as they were read.</summary>
public sealed record ExportedPart(string File, string Part, IReadOnlyList<IDictionary<string, object?>> Rows);

/// <summary>Writes the ZIP: one JSON file for each kind of thing, and a text that says what they are. Does no I/O: all in memory, because it is sealed as one piece.</summary>
public static class WriteArchive
{
    /// <param name="readMe">What the files are, in the person's language.</param>
    public static byte[] Run(IReadOnlyList<ExportedPart> parts, string readMe, DateTimeOffset now)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "read-me.txt", Encoding.UTF8.GetBytes(readMe), now);
            foreach (var group in parts.GroupBy(part => part.File, StringComparer.Ordinal)) Add(zip, $"{group.Key}.json", Json(group), now);
        }
        return file.ToArray();
    }

    private static void Add(ZipArchive zip, string name, byte[] content, DateTimeOffset now)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = now.ToUniversalTime();
        using var stream = entry.Open();
        stream.Write(content);
    }

    private static byte[] Json(IEnumerable<ExportedPart> parts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var part in parts)
            {
                json.WriteStartArray(part.Part);
                foreach (var row in part.Rows) Write(json, row);
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, IDictionary<string, object?> row)
    {
        json.WriteStartObject();
        foreach (var (column, value) in row)
        {
            json.WritePropertyName(Camel(column));
            switch (value)
            {
                case null: json.WriteNullValue(); break;
                case long moment when IsMoment(column): json.WriteStringValue(DateTimeOffset.FromUnixTimeMilliseconds(moment).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)); break;
                case string text when column is "data" or "details": json.WriteRawValue(text); break;
                case string text: json.WriteStringValue(text); break;
                case IConvertible number: json.WriteNumberValue(number.ToInt64(CultureInfo.InvariantCulture)); break;
                // Bytes are hashes, keys and seals: none is handed out, and a column that has them is a mistake above.
                default: throw new InvalidOperationException($"{column} is nothing that an export holds");
            }
        }
        json.WriteEndObject();
    }

    private static bool IsMoment(string column) => column is "at" or "since" || column.EndsWith("_at", StringComparison.Ordinal) || column.EndsWith("_since", StringComparison.Ordinal) || column.EndsWith("_until", StringComparison.Ordinal);

    private static string Camel(string column)
    {
        var words = column.Split('_');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
