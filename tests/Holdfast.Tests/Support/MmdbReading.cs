using System.Globalization;
using System.Net;
using System.Text;
using Holdfast.Features.Places;

namespace Holdfast.Tests.Support;

/// <summary>Reads everything in a record through the server's own reader, so that tests can compare it with what was written.</summary>
public static class MmdbReading
{
    /// <returns>The record as text; null when the address has none.</returns>
    public static string? Look(MmdbFile file, string address)
    {
        if (!file.TryFind(IPAddress.Parse(address).GetAddressBytes(), out var position)) return null;
        var data = file.Record();
        return Everything(ref data, data.Read(position));
    }

    /// <summary>Type and content of a value and of all within it.</summary>
    public static string Everything(ref MmdbData data, MmdbValue value)
    {
        switch (value.Type)
        {
            case MmdbType.String: return $"\"{Encoding.UTF8.GetString(data.Bytes(value))}\"";
            case MmdbType.Bytes: return $"bytes {Convert.ToHexString(data.Bytes(value))}";
            case MmdbType.Double: return string.Create(CultureInfo.InvariantCulture, $"double {data.Real(value):R}");
            case MmdbType.Float: return string.Create(CultureInfo.InvariantCulture, $"float {(float)data.Real(value):R}");
            case MmdbType.Int32: return string.Create(CultureInfo.InvariantCulture, $"int {data.Signed(value)}");
            case MmdbType.Boolean: return data.Boolean(value) ? "true" : "false";
            case MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64 or MmdbType.UInt128: return string.Create(CultureInfo.InvariantCulture, $"{value.Type} {data.Unsigned(value)}");
        }
        var all = new StringBuilder(value.Type == MmdbType.Map ? "{" : "[");
        var position = value.Start;
        for (var entry = 0; entry < value.Size; entry++)
        {
            if (value.Type == MmdbType.Map) all.Append(Encoding.UTF8.GetString(data.Key(ref position, value.Depth))).Append(": ");
            all.Append(Everything(ref data, data.Read(position, value.Depth + 1))).Append(", ");
            position = data.Skip(position);
        }
        return all.Append(value.Type == MmdbType.Map ? '}' : ']').ToString();
    }

    /// <summary>The same text for a value that is to be written.</summary>
    public static string Expected(object value) => value switch
    {
        string text => $"\"{text}\"",
        byte[] bytes => $"bytes {Convert.ToHexString(bytes)}",
        double number => string.Create(CultureInfo.InvariantCulture, $"double {number:R}"),
        float number => string.Create(CultureInfo.InvariantCulture, $"float {number:R}"),
        int number => string.Create(CultureInfo.InvariantCulture, $"int {number}"),
        bool flag => flag ? "true" : "false",
        ushort or uint or ulong or UInt128 => string.Create(CultureInfo.InvariantCulture, $"{value.GetType().Name} {value}"),
        object[] items => $"[{string.Concat(items.Select(item => Expected(item) + ", "))}]",
        IReadOnlyDictionary<string, object> map => $"{{{string.Concat(map.Select(pair => $"{pair.Key}: {Expected(pair.Value)}, "))}}}",
        _ => throw new NotSupportedException(value.GetType().Name),
    };
}
