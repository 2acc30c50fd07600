namespace Holdfast.Features.Places;

/// <summary>What a file says of itself (MaxMind DB 2.0, "Database Metadata"), checked against the file's size. Languages and description are left alone: nobody here asks for them.</summary>
/// <param name="Kind">The database's type, such as "GeoLite2-City": one line of at most 60 characters.</param>
/// <param name="BuiltAt">Null when the file names an instant that no calendar has.</param>
/// <param name="DataStart">Where the data section begins in the file.</param>
/// <param name="DataLength">In bytes.</param>
public sealed record MmdbMetadata(MmdbTree Tree, string Kind, DateTimeOffset? BuiltAt, int DataStart, int DataLength)
{
    /// <summary>The metadata and its marker lie in the last 128 KiB.</summary>
    private const int Room = 128 * 1024;

    /// <summary>0001-01-01 to 9999-12-31 in seconds after 1970: what <see cref="DateTimeOffset"/> holds.</summary>
    private const ulong LastSecond = 253_402_300_799;

    private static ReadOnlySpan<byte> Marker => [0xab, 0xcd, 0xef, (byte)'M', (byte)'a', (byte)'x', (byte)'M', (byte)'i', (byte)'n', (byte)'d', (byte)'.', (byte)'c', (byte)'o', (byte)'m'];

    /// <param name="file">All of it.</param>
    /// <exception cref="MmdbException">It is none, is of another version, or its numbers do not fit its size.</exception>
    public static MmdbMetadata Read(ReadOnlySpan<byte> file)
    {
        var tail = file.Length - Math.Min(file.Length, Room);
        // The last one: the data may hold the same bytes.
        var marker = file[tail..].LastIndexOf(Marker);
        if (marker < 0) throw new MmdbException("is no MaxMind DB file, or its end is missing");
        var data = new MmdbData(file[(tail + marker + Marker.Length)..]);
        var map = data.Read(0);
        if (map.Type != MmdbType.Map) throw new MmdbException("has no metadata");

        var version = Number(ref data, map, "binary_format_major_version"u8, "binary_format_major_version", ushort.MaxValue);
        if (version != 2) throw new MmdbException($"is of version {version} of the format; version 2 can be read");
        Number(ref data, map, "binary_format_minor_version"u8, "binary_format_minor_version", ushort.MaxValue);
        var ipVersion = Number(ref data, map, "ip_version"u8, "ip_version", ushort.MaxValue);
        if (ipVersion is not (4 or 6)) throw new MmdbException($"is for addresses of IP version {ipVersion}; 4 and 6 are known");
        var recordBits = Number(ref data, map, "record_size"u8, "record_size", ushort.MaxValue);
        if (recordBits is not (24 or 28 or 32)) throw new MmdbException($"has records of {recordBits} bits; 24, 28 and 32 can be read");
        var nodes = Number(ref data, map, "node_count"u8, "node_count", uint.MaxValue);
        if (nodes == 0) throw new MmdbException("has an empty search tree");
        var epoch = Number(ref data, map, "build_epoch"u8, "build_epoch", ulong.MaxValue);
        if (!data.TryFind(map, "database_type"u8, out var kind) || kind.Type != MmdbType.String) throw Missing("database_type");

        var tree = new MmdbTree((uint)nodes, (int)recordBits, ipVersion == 4 ? 32 : 128);
        var dataStart = tree.Length + MmdbTree.Separator;
        if (dataStart > tail + marker) throw new MmdbException($"is too short for the {nodes} nodes that it claims");
        return new MmdbMetadata(tree, PlaceText.Clean(data.Bytes(kind), 60) ?? "", epoch > LastSecond ? null : DateTimeOffset.FromUnixTimeSeconds((long)epoch), (int)dataStart, tail + marker - (int)dataStart);
    }

    /// <summary>Writers differ in which unsigned type they take: what counts is the number.</summary>
    private static ulong Number(ref MmdbData data, MmdbValue map, ReadOnlySpan<byte> key, string name, ulong most)
    {
        if (!data.TryFind(map, key, out var value) || value.Type is not (MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64 or MmdbType.UInt128)) throw Missing(name);
        var number = data.Unsigned(value);
        return number <= most ? (ulong)number : throw Missing(name);
    }

    private static MmdbException Missing(string key) => new($"has no usable {key} in its metadata");
}
