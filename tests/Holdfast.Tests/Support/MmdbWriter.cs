using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Holdfast.Tests.Support;

/// <summary>Bytes that are written as they stand: for what no honest writer writes.</summary>
public sealed record MmdbRaw(params byte[] Bytes);

/// <summary>
/// Writes MaxMind DB files (specification 2.0), honest ones and others. Values are what C# has: string, double, float, bool, byte[], ushort, uint, int, ulong, UInt128, object[], and a dictionary of them.
/// The more specific network wins, in whatever order they are added. The same input gives the same bytes.
/// </summary>
public sealed class MmdbWriter
{
    public static readonly byte[] Marker = [0xab, 0xcd, 0xef, .. "MaxMind.com"u8];

    private readonly List<(IPNetwork Network, object Record)> _records = [];

    public int RecordBits { get; init; } = 24;

    public int IpVersion { get; init; } = 6;

    public string Kind { get; init; } = "Test-City";

    public DateTimeOffset BuiltAt { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Lets ::ffff:0:0/96 and 2002::/16 lead to where IPv4 begins, as MaxMind does.</summary>
    public bool Aliases { get; init; }

    /// <summary>Writes a value that was written before as a pointer.</summary>
    public bool Pointers { get; init; } = true;

    /// <summary>Bytes at the beginning of the data section that nothing points at: they make pointers long.</summary>
    public int Padding { get; init; }

    /// <summary>Metadata that differs from the truth; a null leaves the key out.</summary>
    public Dictionary<string, object?> Lies { get; init; } = [];

    public MmdbWriter Add(string network, object record)
    {
        _records.Add((IPNetwork.Parse(network), record));
        return this;
    }

    /// <summary>A city as MaxMind's files have it.</summary>
    public static Dictionary<string, object> City(string? city, string? code, string? country, double latitude = 45.75, double longitude = 4.85, ushort accuracy = 20, params (string Language, string City)[] more)
    {
        var record = new Dictionary<string, object>();
        if (city is not null) record["city"] = Map(("names", Map([("en", city), .. more.Select(m => (m.Language, (object)m.City))])));
        if (code is not null) record["country"] = Map(("iso_code", code), ("names", country is null ? Map() : Map(("en", country))));
        record["location"] = Map(("accuracy_radius", accuracy), ("latitude", latitude), ("longitude", longitude));
        return record;
    }

    public static Dictionary<string, object> Map(params (string Key, object Value)[] pairs) => pairs.ToDictionary(pair => pair.Key, pair => pair.Value);

    public byte[] Build()
    {
        var data = new Section(Pointers);
        if (Padding > 0) data.Write(new byte[Padding]);
        var root = new Node();
        var records = _records.OrderBy(r => Bits(r.Network).Length).Select(r => (Bits: Bits(r.Network), At: data.Write(r.Record))).ToList();
        foreach (var (bits, at) in records) Put(root, bits, at);
        if (Aliases) Alias(root);

        var nodes = new List<Node>();
        Number(root, nodes);
        var tree = new List<byte>();
        foreach (var node in nodes) tree.AddRange(Pair(Value(node.Left), Value(node.Right), RecordBits));
        return Assemble([.. tree], data.Bytes, Metadata((uint)nodes.Count));

        uint Value(object? side) => side switch { null => (uint)nodes.Count, int at => (uint)nodes.Count + 16 + (uint)at, Node next => (uint)next.Number, _ => throw new InvalidOperationException() };
    }

    /// <summary>The three parts with what lies between them.</summary>
    public static byte[] Assemble(byte[] tree, byte[] data, object metadata) => [.. tree, .. new byte[16], .. data, .. Marker, .. Encode(metadata)];

    /// <summary>One node of the tree.</summary>
    public static byte[] Pair(uint left, uint right, int bits)
    {
        if (bits < 32 && (left >> bits != 0 || right >> bits != 0)) throw new InvalidOperationException($"{left}, {right} do not fit in {bits} bits");
        return bits switch
        {
            24 => [(byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)(right >> 16), (byte)(right >> 8), (byte)right],
            28 => [(byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)((left >> 24 << 4) | (right >> 24)), (byte)(right >> 16), (byte)(right >> 8), (byte)right],
            _ => [(byte)(left >> 24), (byte)(left >> 16), (byte)(left >> 8), (byte)left, (byte)(right >> 24), (byte)(right >> 16), (byte)(right >> 8), (byte)right],
        };
    }

    /// <summary>A value by itself, without pointers.</summary>
    public static byte[] Encode(object value)
    {
        var section = new Section(pointers: false);
        section.Write(value);
        return section.Bytes;
    }

    /// <summary>Control byte, extended type and size.</summary>
    public static byte[] Head(int type, int size)
    {
        byte[] more = size switch
        {
            < 29 => [],
            < 285 => [(byte)(size - 29)],
            < 65_821 => [(byte)((size - 285) >> 8), (byte)(size - 285)],
            _ => [(byte)((size - 65_821) >> 16), (byte)((size - 65_821) >> 8), (byte)(size - 65_821)],
        };
        var five = more.Length == 0 ? size : 28 + more.Length;
        return type < 8 ? [(byte)((type << 5) | five), .. more] : [(byte)five, (byte)(type - 7), .. more];
    }

    /// <param name="bytes">1 to 4; null takes the shortest that holds it.</param>
    public static byte[] Pointer(uint target, int? bytes = null) => (bytes ?? (target < 2048 ? 1 : target < 526_336 ? 2 : target < 134_744_064 ? 3 : 4)) switch
    {
        1 => [(byte)(0x20 | (target >> 8)), (byte)target],
        2 => [(byte)(0x28 | ((target - 2048) >> 16)), (byte)((target - 2048) >> 8), (byte)(target - 2048)],
        3 => [(byte)(0x30 | ((target - 526_336) >> 24)), (byte)((target - 526_336) >> 16), (byte)((target - 526_336) >> 8), (byte)(target - 526_336)],
        _ => [0x38, (byte)(target >> 24), (byte)(target >> 16), (byte)(target >> 8), (byte)target],
    };

    private Dictionary<string, object> Metadata(uint nodes)
    {
        var metadata = Map(
            ("binary_format_major_version", (ushort)2), ("binary_format_minor_version", (ushort)0), ("build_epoch", (ulong)BuiltAt.ToUnixTimeSeconds()), ("database_type", Kind),
            ("description", Map(("en", "Made by a test"))), ("ip_version", (ushort)IpVersion), ("languages", new object[] { "en", "it" }), ("node_count", nodes), ("record_size", (ushort)RecordBits));
        foreach (var (key, value) in Lies)
        {
            if (value is null) metadata.Remove(key);
            else metadata[key] = value;
        }
        return metadata;
    }

    private bool[] Bits(IPNetwork network)
    {
        var isIpv4 = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        var bytes = network.BaseAddress.GetAddressBytes();
        if (isIpv4 && IpVersion == 6) bytes = [.. new byte[12], .. bytes];
        return [.. Enumerable.Range(0, network.PrefixLength + (isIpv4 && IpVersion == 6 ? 96 : 0)).Select(bit => ((bytes[bit / 8] >> (7 - (bit % 8))) & 1) == 1)];
    }

    private static void Put(Node node, bool[] bits, int at)
    {
        for (var bit = 0; bit < bits.Length - 1; bit++) node = node.Below(bits[bit]);
        if (bits.Length == 0) (node.Left, node.Right) = (at, at);
        else if (bits[^1]) node.Right = at;
        else node.Left = at;
    }

    private static void Alias(Node root)
    {
        var ipv4 = root;
        for (var bit = 0; bit < 96; bit++) ipv4 = ipv4.Below(false);
        foreach (var (address, length) in new[] { ("::ffff:0:0", 96), ("2002::", 16) })
        {
            var (node, bytes) = (root, IPAddress.Parse(address).GetAddressBytes());
            bool Bit(int bit) => ((bytes[bit / 8] >> (7 - (bit % 8))) & 1) == 1;
            for (var bit = 0; bit < length - 1; bit++) node = node.Below(Bit(bit));
            if (Bit(length - 1)) node.Right = ipv4;
            else node.Left = ipv4;
        }
    }

    private static void Number(Node node, List<Node> nodes)
    {
        if (node.Number >= 0) return;
        node.Number = nodes.Count;
        nodes.Add(node);
        if (node.Left is Node left) Number(left, nodes);
        if (node.Right is Node right) Number(right, nodes);
    }

    /// <summary>A side is null for "no data", the data's place, or the next node.</summary>
    private sealed class Node
    {
        public object? Left { get; set; }

        public object? Right { get; set; }

        public int Number { get; set; } = -1;

        /// <summary>The next node; what stood there as data goes on as data of both its sides.</summary>
        public Node Below(bool right)
        {
            var side = right ? Right : Left;
            if (side is Node next) return next;
            next = new Node { Left = side, Right = side };
            if (right) Right = next;
            else Left = next;
            return next;
        }
    }

    private sealed class Section(bool pointers)
    {
        private readonly List<byte> _bytes = [];
        private readonly Dictionary<string, int> _written = [];

        public byte[] Bytes => [.. _bytes];

        /// <returns>Where it is.</returns>
        public int Write(object value)
        {
            if (value is MmdbRaw) return Here(value);
            var key = pointers ? Convert.ToBase64String(Encode(value)) : "";
            return pointers && _written.TryGetValue(key, out var at) ? at : _written[key] = Here(value);
        }

        private int Here(object value)
        {
            var at = _bytes.Count;
            _bytes.AddRange(value switch
            {
                MmdbRaw raw => raw.Bytes,
                string text => [.. Head(2, Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)],
                double number => [.. Head(3, 8), .. Big(8, bytes => BinaryPrimitives.WriteDoubleBigEndian(bytes, number))],
                byte[] bytes => [.. Head(4, bytes.Length), .. bytes],
                ushort number => Unsigned(5, number),
                uint number => Unsigned(6, number),
                int number => number < 0 ? [.. Head(8, 4), .. Big(4, bytes => BinaryPrimitives.WriteInt32BigEndian(bytes, number))] : Unsigned(8, (UInt128)number),
                ulong number => Unsigned(9, number),
                UInt128 number => Unsigned(10, number),
                bool flag => Head(14, flag ? 1 : 0),
                float number => [.. Head(15, 4), .. Big(4, bytes => BinaryPrimitives.WriteSingleBigEndian(bytes, number))],
                object[] items => Head(11, items.Length),
                IReadOnlyDictionary<string, object> map => Head(7, map.Count),
                _ => throw new NotSupportedException(value.GetType().Name),
            });
            if (value is object[] each) foreach (var item in each) Inside(item);
            if (value is IReadOnlyDictionary<string, object> pairs)
            {
                foreach (var (key, inner) in pairs)
                {
                    Inside(key);
                    Inside(inner);
                }
            }
            return at;
        }

        private void Inside(object value)
        {
            if (pointers && value is not MmdbRaw && Encode(value) is { Length: > 5 } plain)
            {
                var key = Convert.ToBase64String(plain);
                if (_written.TryGetValue(key, out var at)) _bytes.AddRange(Pointer((uint)at));
                else _written[key] = Here(value);
            }
            else
            {
                Here(value);
            }
        }

        private static byte[] Unsigned(int type, UInt128 number)
        {
            var bytes = Big(16, b => BinaryPrimitives.WriteUInt128BigEndian(b, number)).SkipWhile(b => b == 0).ToArray();
            return [.. Head(type, bytes.Length), .. bytes];
        }

        private static byte[] Big(int length, Action<byte[]> write)
        {
            var bytes = new byte[length];
            write(bytes);
            return bytes;
        }
    }
}
