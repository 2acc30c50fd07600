using System.Net;
using Holdfast.Features.Places;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Support.MmdbWriter;

namespace Holdfast.Tests.Features.Places;

/// <summary>Everything that the specification of the format allows.</summary>
public sealed class MmdbFormatTests
{
    private static readonly Dictionary<string, object> AllTypes = Map(
        ("text", "Zürich 東京 🏔"), ("empty", ""), ("double", 42.123456), ("minus", -0.0), ("infinite", double.NegativeInfinity), ("bytes", new byte[] { 0, 0, 0, 42 }), ("no_bytes", Array.Empty<byte>()),
        ("u16", (ushort)100), ("u16_zero", (ushort)0), ("u16_most", ushort.MaxValue), ("u32", 1u << 28), ("u32_zero", 0u), ("u32_most", uint.MaxValue), ("i32", -(1 << 28)), ("i32_zero", 0), ("i32_one", 1),
        ("i32_most", int.MaxValue), ("i32_least", int.MinValue), ("i32_minus_one", -1), ("u64", 1ul << 60), ("u64_zero", 0ul), ("u64_most", ulong.MaxValue), ("u128", (UInt128)1 << 120), ("u128_zero", UInt128.Zero), ("u128_most", UInt128.MaxValue),
        ("yes", true), ("no", false), ("float", 1.1f), ("array", new object[] { 1u, 2u, 3u }), ("empty_array", Array.Empty<object>()), ("empty_map", Map()),
        ("map", Map(("mapX", Map(("arrayX", new object[] { 7u, "eight", new object[] { 9.5 } }), ("utf8_stringX", "hello"))))));

    [Theory]
    [InlineData(24, false)]
    [InlineData(28, true)]
    [InlineData(32, true)]
    public void Every_type_is_read_as_it_was_written(int bits, bool pointers)
    {
        using var file = MmdbFile.Of(new MmdbWriter { RecordBits = bits, Pointers = pointers }.Add("1.1.1.0/24", AllTypes).Add("::2:0:0/96", Map(("again", AllTypes), ("and", new object[] { AllTypes, "hello" }))).Build());
        Assert.Equal(MmdbReading.Expected(AllTypes), MmdbReading.Look(file, "1.1.1.9"));
        Assert.Equal(MmdbReading.Expected(Map(("again", AllTypes), ("and", new object[] { AllTypes, "hello" }))), MmdbReading.Look(file, "::2:0:1"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(284)]
    [InlineData(285)]
    [InlineData(65_820)]
    [InlineData(65_821)]
    [InlineData(3_421_264)]
    public void Payloads_of_every_length_are_read_whole(int length)
    {
        using var file = MmdbFile.Of(new MmdbWriter().Add("1.1.1.0/24", Map(("text", new string('x', length)), ("bytes", new byte[length]), ("after", "here"))).Build());
        Assert.True(file.TryFind([1, 1, 1, 1], out var position));
        var data = file.Record();
        var map = data.Read(position);
        Assert.True(data.TryFind(map, "text"u8, out var text) && data.Bytes(text).Length == length && !data.Bytes(text).ContainsAnyExcept((byte)'x'));
        Assert.True(data.TryFind(map, "bytes"u8, out var bytes) && bytes.Type == MmdbType.Bytes && data.Bytes(bytes).Length == length);
        Assert.True(data.TryFind(map, "after"u8, out var after) && data.Bytes(after).SequenceEqual("here"u8));
    }

    [Theory]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void Maps_and_arrays_of_every_length_are_read_to_the_end(int length)
    {
        var record = Map(("map", Enumerable.Range(0, length).ToDictionary(i => $"k{i}", i => (object)(uint)i)), ("array", Enumerable.Range(0, length).Select(i => (object)(ushort)i).ToArray()), ("after", true));
        using var file = MmdbFile.Of(new MmdbWriter().Add("::/0", record).Build());
        Assert.True(file.TryFind(new byte[16], out var position));
        var data = file.Record();
        var root = data.Read(position);
        Assert.True(data.TryFind(root, "map"u8, out var map) && map.Size == length);
        Assert.True(data.TryFind(map, System.Text.Encoding.UTF8.GetBytes($"k{length - 1}"), out var last) && data.Unsigned(last) == (UInt128)(length - 1));
        data = file.Record();
        Assert.True(data.TryFind(root, "array"u8, out var array) && array.Size == length && data.TryFirst(array, out var first) && data.Unsigned(first) == 0);
        data = file.Record();
        Assert.True(data.TryFind(root, "after"u8, out var after) && data.Boolean(after));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3_000, 2)]
    [InlineData(600_000, 3)]
    public void Pointers_of_every_length_lead_where_they_should(int padding, int expected)
    {
        var writer = new MmdbWriter { Padding = padding }.Add("1.1.1.0/24", Map(("name", "a text that is long enough"))).Add("2.2.2.0/24", Map(("again", "a text that is long enough")));
        var bytes = writer.Build();
        using var file = MmdbFile.Of(bytes);
        Assert.Equal("{again: \"a text that is long enough\", }", MmdbReading.Look(file, "2.2.2.2"));
        Assert.True(file.TryFind([2, 2, 2, 2], out var position));
        var pointer = bytes[file.Metadata.DataStart + position + 1 + 6];
        Assert.Equal((1, expected), (pointer >> 5, ((pointer >> 3) & 3) + 1));
    }

    [Fact]
    public void Pointers_of_four_bytes_are_plain_numbers_whatever_stands_beside_them()
    {
        byte[] data = [.. Encode("here"), .. Head(11, 2), .. Pointer(0, 4), 0x3F, 0, 0, 0, 0];
        using var file = MmdbFile.Of(Small(data, record: 5));
        Assert.Equal("[\"here\", \"here\", ]", MmdbReading.Look(file, "1.2.3.4"));
    }

    [Fact]
    public void Keys_and_whole_values_may_be_pointers_and_may_lead_into_a_cache_container()
    {
        // A record that is nothing but a pointer to a map, whose key and value lie in a container before it.
        byte[] data = [.. Pointer(14), .. Head(12, 2), .. Encode("key"), .. Encode("value"), .. Head(7, 1), .. Pointer(4), .. Pointer(8), .. Head(13, 0)];
        using var file = MmdbFile.Of(Small(data, record: 0));
        Assert.Equal("{key: \"value\", }", MmdbReading.Look(file, "1.2.3.4"));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(32)]
    public void Both_sides_of_a_node_hold_numbers_of_all_their_bits(int bits)
    {
        var most = bits == 32 ? uint.MaxValue : (1u << bits) - 1;
        foreach (var (left, right) in new[] { (most, 0u), (0u, most), (most, most), (0x0123_4567u & most, 0x0765_4321u & most), (1u << (bits - 1), 1u), (0u, 0u) })
        {
            var tree = new MmdbTree(1, bits, 32);
            Assert.Equal((left, right), (tree.Record(Pair(left, right, bits), 0, 0), tree.Record(Pair(left, right, bits), 0, 1)));
        }
    }

    [Theory]
    [InlineData(24)]
    [InlineData(28)]
    [InlineData(32)]
    public void Networks_end_where_they_end(int bits)
    {
        using var four = MmdbFile.Of(new MmdbWriter { IpVersion = 4, RecordBits = bits }.Add("1.1.1.1/32", "one").Add("1.1.1.2/31", "two").Add("1.1.1.4/30", "four").Add("1.1.1.32/32", "last").Build());
        Assert.Equal([null, "\"one\"", "\"two\"", "\"two\"", "\"four\"", "\"four\"", null, "\"last\"", null],
            new[] { "1.1.1.0", "1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4", "1.1.1.7", "1.1.1.8", "1.1.1.32", "1.1.1.33" }.Select(a => MmdbReading.Look(four, a)));
        using var six = MmdbFile.Of(new MmdbWriter { RecordBits = bits }.Add("::1:ffff:ffff/128", "a").Add("::2:0:0/121", "b").Add("::2:0:58/127", "c").Add("2001:db8::/32", "d").Build());
        Assert.Equal([null, "\"a\"", "\"b\"", "\"c\"", "\"b\"", "\"b\"", null, "\"d\"", null],
            new[] { "::1:ffff:fffe", "::1:ffff:ffff", "::2:0:0", "::2:0:59", "::2:0:5a", "::2:0:7f", "::2:0:80", "2001:db8:ffff::1", "2001:db9::" }.Select(a => MmdbReading.Look(six, a)));
    }

    [Fact]
    public void IPv4_begins_at_96_zero_bits_of_a_tree_for_IPv6()
    {
        using var file = MmdbFile.Of(new MmdbWriter().Add("1.2.3.0/24", "four").Add("2a00::/16", "six").Build());
        Assert.Equal(["\"four\"", "\"four\"", null, null, "\"six\""], new[] { "1.2.3.4", "::1.2.3.4", "::ffff:1.2.3.4", "2002:102:304::", "2a00::1" }.Select(a => MmdbReading.Look(file, a)));
    }

    [Fact]
    public void Aliases_of_IPv4_are_found_where_the_file_has_put_them()
    {
        using var file = MmdbFile.Of(new MmdbWriter { Aliases = true }.Add("1.2.3.0/24", "four").Build());
        Assert.Equal(["\"four\"", "\"four\"", "\"four\"", "\"four\"", null], new[] { "1.2.3.4", "::1.2.3.4", "::ffff:1.2.3.4", "2002:102:304::", "2002:102:404::" }.Select(a => MmdbReading.Look(file, a)));
    }

    [Fact]
    public void A_network_around_all_of_IPv4_answers_for_it()
    {
        using var file = MmdbFile.Of(new MmdbWriter().Add("::/64", "whole").Build());
        Assert.Equal(["\"whole\"", "\"whole\"", null], new[] { "1.2.3.4", "::1", "1::" }.Select(a => MmdbReading.Look(file, a)));
        using var without = MmdbFile.Of(new MmdbWriter().Add("2a00::/16", "six").Build());
        Assert.Null(MmdbReading.Look(without, "1.2.3.4"));
    }

    [Fact]
    public void A_file_for_IPv4_knows_no_IPv6()
    {
        using var file = MmdbFile.Of(new MmdbWriter { IpVersion = 4 }.Add("0.0.0.0/0", "all").Build());
        Assert.Equal(["\"all\"", null, null], new[] { "255.255.255.255", "::1", "2a00::" }.Select(a => MmdbReading.Look(file, a)));
    }

    [Fact]
    public void The_metadata_says_kind_and_age_in_whatever_integers()
    {
        using var file = MmdbFile.Of(new MmdbWriter { Kind = "GeoLite2-City\u202e\n(Lite)", BuiltAt = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), Lies = { ["ip_version"] = (UInt128)6, ["record_size"] = 24u, ["later"] = Map(("new", "key")), ["languages"] = null, ["description"] = null } }.Add("1.1.1.1/32", "x").Build());
        Assert.Equal(("GeoLite2-City (Lite)", new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero), 24, 128), (file.Metadata.Kind, file.Metadata.BuiltAt, file.Metadata.Tree.RecordBits, file.Metadata.Tree.Levels));
        using var never = MmdbFile.Of(new MmdbWriter { Lies = { ["build_epoch"] = ulong.MaxValue } }.Add("1.1.1.1/32", "x").Build());
        Assert.Null(never.Metadata.BuiltAt);
    }

    [Fact]
    public void The_last_marker_begins_the_metadata_and_its_pointers_count_from_there()
    {
        // The marker's bytes stand in the data as well, and the metadata repeats itself by a pointer.
        using var file = MmdbFile.Of(new MmdbWriter().Add("1.1.1.1/32", Marker).Build());
        Assert.Equal($"bytes {Convert.ToHexString(Marker)}", MmdbReading.Look(file, "1.1.1.1"));
        byte[] metadata = [.. Head(7, 7), .. Encode("database_type"), .. Encode("a kind"), .. Encode("binary_format_major_version"), .. Encode((ushort)2), .. Encode("binary_format_minor_version"), .. Encode((ushort)0), .. Encode("build_epoch"), .. Encode(1ul),
            .. Encode("ip_version"), .. Encode((ushort)4), .. Encode("node_count"), .. Encode(1u), .. Encode("record_size"), .. Encode((ushort)24)];
        var without = (byte[])[.. Pair(17, 17, 24), .. new byte[16], .. Encode("x"), .. Marker, .. metadata];
        using var plain = MmdbFile.Of(without);
        Assert.Equal("a kind", plain.Metadata.Kind);
        byte[] pointed = [.. Pointer(4), .. Encode("y"), .. metadata];
        using var file2 = MmdbFile.Of([.. Pair(17, 17, 24), .. new byte[16], .. Encode("x"), .. Marker, .. pointed]);
        Assert.Equal(("a kind", "\"x\""), (file2.Metadata.Kind, MmdbReading.Look(file2, "9.9.9.9")));
    }

    [Fact]
    public void Nothing_is_allocated_on_the_way_to_a_record_and_within_it()
    {
        using var file = MmdbFile.Of(new MmdbWriter { RecordBits = 28 }.Add("203.0.113.0/24", City("Lyon", "FR", "France")).Add("2001:db8::/32", City("Lyon", "FR", "France")).Build());
        byte[][] addresses = [IPAddress.Parse("203.0.113.7").GetAddressBytes(), IPAddress.Parse("2001:db8::7").GetAddressBytes(), IPAddress.Parse("9.9.9.9").GetAddressBytes()];
        Assert.Equal(2, Walk());
        var before = GC.GetAllocatedBytesForCurrentThread();
        var found = 0;
        for (var again = 0; again < 1000; again++) found += Walk();
        Assert.Equal((0, 2000), (GC.GetAllocatedBytesForCurrentThread() - before, found));

        int Walk()
        {
            var count = 0;
            foreach (var address in addresses)
            {
                if (!file.TryHold()) return -1;
                if (file.TryFind(address, out var position))
                {
                    var data = file.Record();
                    if (data.TryFind(data.Read(position), "country"u8, out var country) && data.TryFind(country, "iso_code"u8, out var code) && data.Bytes(code).SequenceEqual("FR"u8)) count++;
                }
                file.Release();
            }
            return count;
        }
    }

    /// <summary>A tree of one node whose sides both lead to <paramref name="record"/> within <paramref name="data"/>.</summary>
    internal static byte[] Small(byte[] data, int record) => Assemble(Pair((uint)(1 + 16 + record), (uint)(1 + 16 + record), 24), data, Map(
        ("binary_format_major_version", (ushort)2), ("binary_format_minor_version", (ushort)0), ("build_epoch", 1ul), ("database_type", "Test"), ("ip_version", (ushort)4), ("node_count", 1u), ("record_size", (ushort)24)));
}
