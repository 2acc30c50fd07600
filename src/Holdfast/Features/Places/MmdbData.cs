using System.Buffers.Binary;

namespace Holdfast.Features.Places;

/// <summary>Types of the format, by their numbers ("Output Data Section").</summary>
public enum MmdbType { Pointer = 1, String = 2, Double = 3, Bytes = 4, UInt16 = 5, UInt32 = 6, Map = 7, Int32 = 8, UInt64 = 9, UInt128 = 10, Array = 11, CacheContainer = 12, EndMarker = 13, Boolean = 14, Float = 15 }

/// <summary>A value that lies within the section; pointers have been followed.</summary>
/// <param name="Start">Of the payload, or of the first entry.</param>
/// <param name="Size">Bytes of the payload; of a map its pairs, of an array its items, of a boolean its value.</param>
/// <param name="Depth">How many containers and pointers lie around it.</param>
public readonly record struct MmdbValue(MmdbType Type, int Start, int Size, int Depth);

/// <summary>
/// Reads the values of a data section or of the metadata (MaxMind DB 2.0, "Output Data Section") without allocating. Every byte is asked for within bounds, whatever the file says.
/// One instance has a budget of work: a record whose pointers fan out, or that claims millions of entries, ends in an error and not in an hour. The limits are those of the specification's
/// "Reader Resource Limits".
/// </summary>
/// <param name="section">The whole section: pointers count from its beginning.</param>
public ref struct MmdbData(ReadOnlySpan<byte> section)
{
    /// <summary>Values that one instance looks at. The largest real records have a few hundred, each read a few times.</summary>
    public const int MostValues = 65_536;

    /// <summary>Containers and pointers within each other. Real records have about five.</summary>
    public const int Deepest = 512;

    private readonly ReadOnlySpan<byte> _section = section;
    private int _left = MostValues;

    /// <summary>The value at <paramref name="position"/>, or the one that the pointer there leads to.</summary>
    /// <param name="position">0 to the length of the section.</param>
    /// <exception cref="MmdbException">Broken, out of bounds, too deep, or too much work; so in every method here.</exception>
    public MmdbValue Read(int position, int depth = 0)
    {
        var (type, size) = Head(ref position);
        if (type == MmdbType.Pointer)
        {
            if (size >= _section.Length) throw new MmdbException("has a pointer that leads out of its data");
            position = (int)size;
            depth++;
            (type, size) = Head(ref position);
            if (type == MmdbType.Pointer) throw new MmdbException("has a pointer to a pointer");
        }
        if (depth > Deepest) throw new MmdbException($"nests values deeper than {Deepest}, or in a circle");
        return new MmdbValue(type, position, (int)size, depth);
    }

    /// <summary>Where the next value begins, without following pointers: a cost of what lies here, never of what is pointed at.</summary>
    public int Skip(int position)
    {
        for (long pending = 1; pending > 0; pending--)
        {
            var (type, size) = Head(ref position);
            // Head has seen to it that a payload, and a byte for each entry, fit into the section.
            if (type == MmdbType.Map) pending += 2L * size;
            else if (type == MmdbType.Array) pending += size;
            else if (type is not (MmdbType.Pointer or MmdbType.Boolean)) position += (int)size;
        }
        return position;
    }

    /// <summary>The value under a key; the first of equal keys. A value that is no map has none.</summary>
    public bool TryFind(MmdbValue map, scoped ReadOnlySpan<byte> key, out MmdbValue value)
    {
        value = default;
        if (map.Type != MmdbType.Map) return false;
        var position = map.Start;
        for (var pair = 0; pair < map.Size; pair++)
        {
            var isIt = Key(ref position, map.Depth).SequenceEqual(key);
            if (isIt)
            {
                value = Read(position, map.Depth + 1);
                return true;
            }
            position = Skip(position);
        }
        return false;
    }

    /// <summary>The first item of an array; an empty one, or what is no array, has none.</summary>
    public bool TryFirst(MmdbValue array, out MmdbValue value)
    {
        value = array is { Type: MmdbType.Array, Size: > 0 } ? Read(array.Start, array.Depth + 1) : default;
        return array is { Type: MmdbType.Array, Size: > 0 };
    }

    /// <summary>A map's key at <paramref name="position"/>, which moves on to its value. Keys are always strings.</summary>
    public ReadOnlySpan<byte> Key(ref int position, int depth)
    {
        var key = Read(position, depth + 1);
        if (key.Type != MmdbType.String) throw new MmdbException("has a key that is no text");
        position = Skip(position);
        return Payload(key);
    }

    /// <summary>UTF-8 of a string, or the bytes themselves.</summary>
    public readonly ReadOnlySpan<byte> Bytes(MmdbValue value) => value.Type is MmdbType.String or MmdbType.Bytes ? Payload(value) : throw Unexpected(value);

    /// <summary>Any of the four unsigned integers. Missing bytes are leading zeros.</summary>
    public readonly UInt128 Unsigned(MmdbValue value)
    {
        if (value.Type is not (MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64 or MmdbType.UInt128)) throw Unexpected(value);
        UInt128 number = 0;
        foreach (var b in Payload(value)) number = (number << 8) | b;
        return number;
    }

    /// <summary>Only a full-length payload can be negative ("integer formats").</summary>
    public readonly int Signed(MmdbValue value)
    {
        if (value.Type != MmdbType.Int32) throw Unexpected(value);
        var number = 0;
        foreach (var b in Payload(value)) number = (number << 8) | b;
        return number;
    }

    /// <summary>A double or a float.</summary>
    public readonly double Real(MmdbValue value) => value.Type switch
    {
        MmdbType.Double => BinaryPrimitives.ReadDoubleBigEndian(Payload(value)),
        MmdbType.Float => BinaryPrimitives.ReadSingleBigEndian(Payload(value)),
        _ => throw Unexpected(value),
    };

    public readonly bool Boolean(MmdbValue value) => value.Type == MmdbType.Boolean ? value.Size == 1 : throw Unexpected(value);

    private readonly ReadOnlySpan<byte> Payload(MmdbValue value) => _section.Slice(value.Start, value.Size);

    /// <summary>Control byte, extended type, extended size or pointer ("Data Field Format"). <paramref name="position"/> moves on to the payload, which lies within the section.</summary>
    /// <returns>For a pointer its target as size.</returns>
    private (MmdbType Type, uint Size) Head(ref int position)
    {
        if (--_left < 0) throw new MmdbException($"has a record of more than {MostValues} values");
        var control = (uint)Take(ref position, 1)[0];
        var type = (MmdbType)(control >> 5);
        if (type == MmdbType.Pointer) return (type, Pointer(control, ref position));
        if (control >> 5 == 0)
        {
            // The extended byte holds the type minus 7; the types up to 7 have no extended form.
            type = (MmdbType)(Take(ref position, 1)[0] + 7);
            if (type is MmdbType.Map or > MmdbType.Float) throw new MmdbException("has a value of an unknown type");
        }
        var size = control & 31;
        if (size >= 29)
        {
            var more = Take(ref position, (int)size - 28);
            uint number = 0;
            foreach (var b in more) number = (number << 8) | b;
            size = number + more.Length switch { 1 => 29u, 2 => 285u, _ => 65_821u };
        }
        Check(type, size, _section.Length - position);
        return (type, size);
    }

    private readonly uint Pointer(uint control, ref int position)
    {
        var bytes = Take(ref position, (int)((control >> 3) & 3) + 1);
        var number = bytes.Length == 4 ? 0 : control & 7;
        foreach (var b in bytes) number = (number << 8) | b;
        return number + bytes.Length switch { 2 => 2048u, 3 => 526_336u, _ => 0u };
    }

    private static void Check(MmdbType type, uint size, int left)
    {
        var fits = type switch
        {
            MmdbType.String or MmdbType.Bytes => true,
            MmdbType.Double => size == 8,
            MmdbType.Float => size == 4,
            MmdbType.UInt16 => size <= 2,
            MmdbType.UInt32 or MmdbType.Int32 => size <= 4,
            MmdbType.UInt64 => size <= 8,
            MmdbType.UInt128 => size <= 16,
            MmdbType.Boolean => size <= 1,
            MmdbType.Map or MmdbType.Array => true,
            // Marks for those who read the section from front to back: no pointer leads to one, no container holds one.
            MmdbType.CacheContainer or MmdbType.EndMarker => throw new MmdbException("has a mark where a value belongs"),
            _ => throw new MmdbException("has a value of an unknown type"),
        };
        if (!fits) throw new MmdbException("has a value of a size that its type cannot have");
        // The smallest value is one byte.
        var least = type switch { MmdbType.Map => 2L * size, MmdbType.Boolean => 0, _ => size };
        if (least > left) throw new MmdbException("has a value that reaches beyond its data");
    }

    private readonly ReadOnlySpan<byte> Take(ref int position, int count)
    {
        if ((uint)position > (uint)_section.Length || count > _section.Length - position) throw new MmdbException("has a value that reaches beyond its data");
        position += count;
        return _section.Slice(position - count, count);
    }

    private static MmdbException Unexpected(MmdbValue value) => new($"has a value of type {(int)value.Type} where another belongs");
}
