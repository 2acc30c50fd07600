using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Holdfast.Features.Places;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Support.MmdbWriter;

namespace Holdfast.Tests.Features.Places;

/// <summary>
/// Laws of the reader, tried with invented files. <c>HOLDFAST_FUZZ=1000000 tests/…/Holdfast.Tests -class Holdfast.Tests.Features.Places.MmdbPropertyTests</c> tries harder.
/// A case that fails is made smaller before it is shown.
/// </summary>
public sealed class MmdbPropertyTests
{

    private static readonly byte[][] Bases =
    [
        new MmdbWriter { Aliases = true }.Add("1.1.1.0/24", City("Lyon", "FR", "France", more: ("it", "Lione"))).Add("2.2.0.0/16", City("Milan", "IT", "Italy")).Add("2a00::/16", City(null, "DE", "Germany")).Build(),
        new MmdbWriter { RecordBits = 28, IpVersion = 4, Kind = "flat" }.Add("0.0.0.0/1", Map(("country", "FR"), ("city", "Lyon"), ("lat", "45.75"), ("lng", "4.85"))).Add("200.0.0.0/8", Map(("country_code", "IT"), ("latitude", 45.4f), ("longitude", 9.1f))).Build(),
        new MmdbWriter { RecordBits = 32 }.Add("::/0", Map(("subdivisions", new object[] { Map(("names", Map(("en", "Rhône")))) }), ("city", Map(("names", Map(("de", "Lyon"))))), ("all", new object[] { 1u, 2, 3ul, (UInt128)4, true, 1.5f, new byte[] { 1 } }))).Build(),
    ];

    private static readonly byte[][] Addresses = [.. new[] { "1.1.1.1", "2.2.3.4", "200.1.1.1", "255.255.255.255", "0.0.0.0", "::", "::1", "2a00::1", "::ffff:1.1.1.1", "2002:101:101::", "ffff::" }.Select(a => IPAddress.Parse(a).GetAddressBytes())];

    private static Config Tries(int share) => Config.QuickThrowOnFailure.WithMaxTest(Math.Max(200, (Fuzz.Tries ?? 3_000) / share)).WithEndSize(300);

    /// <summary>A change to a file: overwrite, insert, cut out, or repeat a piece. Fewer changes, and smaller ones, are the simpler case.</summary>
    private readonly record struct Change(int Kind, int At, int Length, byte Value)
    {
        // Where the reader decides: controls and sizes.
        private static readonly byte[] Telling = [0x00, 0x01, 0x1D, 0x1E, 0x1F, 0x20, 0x28, 0x30, 0x38, 0x3F, 0x40, 0x5F, 0x7F, 0x80, 0xE0, 0xFF];

        public byte[] Apply(byte[] bytes)
        {
            if (bytes.Length == 0) return bytes;
            var at = (int)((uint)At % bytes.Length);
            var length = Math.Min(bytes.Length - at, 1 + (int)((uint)Length % 24));
            switch ((uint)Kind % 6)
            {
                case 0 or 1:
                    bytes = [.. bytes];
                    bytes[at] = Kind % 2 == 0 ? Value : Telling[Value % Telling.Length];
                    return bytes;
                case 2: return [.. bytes[..at], Value, .. bytes[at..]];
                case 3: return [.. bytes[..at], .. bytes[(at + length)..]];
                case 4: return [.. bytes[..(at + length)], .. bytes[at..]];
                default:
                    bytes = [.. bytes];
                    bytes[at] ^= (byte)(1 << (Value % 8));
                    return bytes;
            }
        }
    }

    [Fact]
    public void A_changed_file_gives_answers_or_one_error_and_always_ends()
    {
        var changes = ArbMap.Default.ArbFor<Tuple<int, int, int, byte>[]>();
        var which = ArbMap.Default.ArbFor<byte>();
        Prop.ForAll(which, changes, (file, list) =>
        {
            var bytes = Bases[file % Bases.Length];
            foreach (var (kind, at, length, value) in list.Take(12)) bytes = new Change(kind, at * 7919, length, value).Apply(bytes);
            Survives(bytes);
        }).Check(Tries(2));
    }

    [Fact]
    public void Any_bytes_as_data_give_answers_or_one_error_and_always_end()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte>(), (data, record) =>
        {
            if (data.Length > 0) Survives(MmdbFormatTests.Small(data, record % data.Length));
        }).Check(Tries(4));
    }

    [Fact]
    public void Any_bytes_as_metadata_as_a_tree_and_as_a_file_give_answers_or_one_error_and_always_end()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            Survives(bytes);
            Survives([.. Bases[0], .. Marker, .. bytes]);
            var tree = new byte[bytes.Length / 6 * 6];
            if (tree.Length == 0) return;
            bytes.AsSpan(0, tree.Length).CopyTo(tree);
            // Small numbers, so that many of them are nodes.
            for (var i = 0; i < tree.Length; i++) if (i % 3 != 2) tree[i] = 0;
            Survives(Assemble(tree, Encode(City("Lyon", "FR", "France")), Map(("binary_format_major_version", (ushort)2), ("binary_format_minor_version", (ushort)0), ("build_epoch", 1ul), ("database_type", "Test"),
                ("ip_version", (ushort)(bytes[0] % 2 == 0 ? 4 : 6)), ("node_count", (uint)tree.Length / 6), ("record_size", (ushort)24))));
        }).Check(Tries(4));
    }

    [Fact]
    public void Every_address_of_a_network_written_is_found_and_no_other()
    {
        var network = from isIpv4 in ArbMap.Default.GeneratorFor<bool>()
                      from bytes in Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), 16)
                      from near in Gen.Choose(0, 3)
                      from length in Gen.Choose(0, isIpv4 ? 32 : 128)
                      select Shape(isIpv4, bytes, near, length);
        var probes = Gen.ArrayOf(from bytes in Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), 16) from isIpv4 in ArbMap.Default.GeneratorFor<bool>() select new IPAddress(isIpv4 ? bytes[..4] : bytes), 8);
        var cases = from networks in Gen.NonEmptyListOf(network) from probe in probes from bits in Gen.Elements(24, 28, 32) select (Networks: networks.ToArray(), Probes: probe, Bits: bits);
        Prop.ForAll(Arb.From(cases, c => c.Networks.Length > 1 ? Enumerable.Range(0, c.Networks.Length).Select(i => (Networks: c.Networks.Where((_, at) => at != i).ToArray(), c.Probes, c.Bits)) : []), c =>
        {
            var unique = c.Networks.DistinctBy(n => Bits(n.BaseAddress)[..(n.PrefixLength + (n.BaseAddress.GetAddressBytes().Length == 4 ? 96 : 0))]).ToArray();
            var writer = new MmdbWriter { RecordBits = c.Bits };
            foreach (var each in unique) writer.Add(each.ToString(), $"{each} is here");
            using var file = MmdbFile.Of(writer.Build());
            // The edges of every network, one beyond them, and somewhere.
            foreach (var address in unique.SelectMany(Edges).Concat(c.Probes))
            {
                var expected = unique.Where(n => Covers(n, address)).OrderByDescending(n => n.PrefixLength + (n.BaseAddress.GetAddressBytes().Length == 4 ? 96 : 0)).Select(n => $"\"{n} is here\"").FirstOrDefault();
                Assert.Equal(expected, MmdbReading.Look(file, address.ToString()));
            }
        }).Check(Tries(15).WithEndSize(40));
    }

    [Fact]
    public void Whatever_is_written_is_read_back()
    {
        var scalar = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Where(s => s is not null && IsWhole(s)).Select(s => (object)s), ArbMap.Default.GeneratorFor<uint>().Select(n => (object)n), ArbMap.Default.GeneratorFor<int>().Select(n => (object)n),
            ArbMap.Default.GeneratorFor<ushort>().Select(n => (object)n), ArbMap.Default.GeneratorFor<ulong>().Select(n => (object)n), ArbMap.Default.GeneratorFor<bool>().Select(n => (object)n),
            ArbMap.Default.GeneratorFor<double>().Select(n => (object)n), ArbMap.Default.GeneratorFor<float>().Select(n => (object)n), ArbMap.Default.GeneratorFor<byte[]>().Select(n => (object)n),
            from high in ArbMap.Default.GeneratorFor<ulong>() from low in ArbMap.Default.GeneratorFor<ulong>() select (object)new UInt128(high, low));
        Gen<object> Value(int depth) => depth == 0 ? scalar : Gen.Frequency((3, scalar), (1, Gen.ArrayOf(Value(depth - 1)).Select(items => (object)items)),
            (1, Gen.ArrayOf(from key in Gen.Elements("a", "city", "ü", "a longer key that is worth a pointer") from value in Value(depth - 1) select (key, value)).Select(pairs => (object)pairs.DistinctBy(p => p.key).ToDictionary(p => p.key, p => p.value))));
        Prop.ForAll(Arb.From(Value(3), Smaller), ArbMap.Default.ArbFor<bool>(), (value, pointers) =>
        {
            using var file = MmdbFile.Of(new MmdbWriter { Pointers = pointers }.Add("1.0.0.0/8", value).Add("2.0.0.0/8", new object[] { value, value }).Build());
            Assert.Equal(MmdbReading.Expected(value), MmdbReading.Look(file, "1.2.3.4"));
            Assert.Equal(MmdbReading.Expected(new[] { value, value }), MmdbReading.Look(file, "2.2.3.4"));
        }).Check(Tries(15).WithEndSize(20));
    }

    /// <summary>All that the server does with a file, and reading every record whole besides. The only exception is the reader's own.</summary>
    private static void Survives(byte[] bytes)
    {
        try
        {
            using var file = MmdbFile.Of(bytes);
            foreach (var address in Addresses)
            {
                try
                {
                    if (!file.TryFind(address, out var position)) continue;
                    foreach (var language in new[] { "en", "it" }) _ = PlaceRecord.Read(file.Record(), position, language);
                    var data = file.Record();
                    MmdbReading.Everything(ref data, data.Read(position));
                }
                catch (MmdbException)
                {
                    // This record; the others may be whole.
                }
            }
            _ = file.CountSampledPlaces();
        }
        catch (MmdbException)
        {
            // The whole file.
        }
    }

    private static IEnumerable<object> Smaller(object value) => value switch
    {
        object[] items => items.Concat(Enumerable.Range(0, items.Length).Select(i => (object)items.Where((_, at) => at != i).ToArray())),
        Dictionary<string, object> map => map.Values.Concat(map.Keys.Select(gone => (object)map.Where(pair => pair.Key != gone).ToDictionary(pair => pair.Key, pair => pair.Value))),
        _ => [],
    };

    private static IPNetwork Shape(bool isIpv4, byte[] bytes, int near, int length)
    {
        // Close together, so that networks lie within and beside each other.
        if (near > 0) for (var i = 0; i < 16; i++) bytes[i] = (byte)(i < 16 - near ? 1 : bytes[i] & 3);
        var address = isIpv4 ? bytes[^4..] : bytes;
        for (var bit = length; bit < address.Length * 8; bit++) address[bit / 8] &= (byte)~(128 >> (bit % 8));
        return new IPNetwork(new IPAddress(address), length);
    }

    private static string Bits(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (bytes.Length == 4) bytes = [.. new byte[12], .. bytes];
        return string.Concat(bytes.Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
    }

    private static bool Covers(IPNetwork network, IPAddress address) =>
        Bits(address).StartsWith(Bits(network.BaseAddress)[..(network.PrefixLength + (network.BaseAddress.GetAddressBytes().Length == 4 ? 96 : 0))], StringComparison.Ordinal);

    private static IEnumerable<IPAddress> Edges(IPNetwork network)
    {
        var first = network.BaseAddress.GetAddressBytes();
        var last = (byte[])[.. first];
        for (var bit = network.PrefixLength; bit < last.Length * 8; bit++) last[bit / 8] |= (byte)(128 >> (bit % 8));
        return [new IPAddress(first), new IPAddress(last), new IPAddress(Step(first, -1)), new IPAddress(Step(last, 1))];
    }

    private static byte[] Step(byte[] bytes, int by)
    {
        var next = (byte[])[.. bytes];
        for (var i = next.Length - 1; i >= 0; i--)
        {
            next[i] = (byte)(next[i] + by);
            if (by > 0 ? next[i] != 0 : next[i] != 255) break;
        }
        return next;
    }

    private static bool IsWhole(string text)
    {
        var encoding = new UTF8Encoding(false, throwOnInvalidBytes: true);
        try
        {
            return encoding.GetByteCount(text) >= 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
