using Holdfast.Features.Places;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Support.MmdbWriter;

namespace Holdfast.Tests.Features.Places;

/// <summary>Files that are broken, or made to break their reader: each ends in one error, after little work.</summary>
public sealed class MmdbHostileTests
{
    private static readonly byte[] Good = new MmdbWriter().Add("1.1.1.0/24", City("Lyon", "FR", "France")).Add("2.2.2.0/24", City("Milan", "IT", "Italy")).Build();

    private static string Refused(byte[] bytes) => Assert.Throws<MmdbException>(() => MmdbFile.Of(bytes)).Message;

    private static string RefusedRecord(byte[] data, int record = 0)
    {
        using var file = MmdbFile.Of(MmdbFormatTests.Small(data, record));
        return Assert.Throws<MmdbException>(() => MmdbReading.Look(file, "1.2.3.4")).Message;
    }

    private static byte[] WithLie(string key, object? value) => new MmdbWriter { Lies = { [key] = value } }.Add("1.1.1.1/32", "x").Build();

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        for (var length = 0; length < Good.Length; length++) Refused(Good[..length]);
        using var whole = MmdbFile.Of(Good);
    }

    [Fact]
    public void A_file_that_has_lost_its_beginning_is_refused_or_finds_nothing_wild()
    {
        for (var cut = 1; cut < Good.Length; cut++)
        {
            try
            {
                using var file = MmdbFile.Of(Good[cut..]);
                MmdbReading.Look(file, "1.1.1.1");
            }
            catch (MmdbException)
            {
                // One clear error: all that it may do.
            }
        }
    }

    [Theory]
    [InlineData("binary_format_major_version", (ushort)1, "is of version 1 of the format; version 2 can be read")]
    [InlineData("binary_format_major_version", (ushort)3, "is of version 3 of the format; version 2 can be read")]
    [InlineData("binary_format_major_version", null, "has no usable binary_format_major_version in its metadata")]
    [InlineData("binary_format_minor_version", null, "has no usable binary_format_minor_version in its metadata")]
    [InlineData("record_size", (ushort)0, "has records of 0 bits; 24, 28 and 32 can be read")]
    [InlineData("record_size", (ushort)20, "has records of 20 bits; 24, 28 and 32 can be read")]
    [InlineData("record_size", (ushort)64, "has records of 64 bits; 24, 28 and 32 can be read")]
    [InlineData("record_size", "24", "has no usable record_size in its metadata")]
    [InlineData("ip_version", (ushort)5, "is for addresses of IP version 5; 4 and 6 are known")]
    [InlineData("ip_version", -4, "has no usable ip_version in its metadata")]
    [InlineData("node_count", 0u, "has an empty search tree")]
    [InlineData("node_count", 1_000u, "is too short for the 1000 nodes that it claims")]
    [InlineData("node_count", uint.MaxValue, "is too short for the 4294967295 nodes that it claims")]
    [InlineData("node_count", ulong.MaxValue, "has no usable node_count in its metadata")]
    [InlineData("build_epoch", "today", "has no usable build_epoch in its metadata")]
    [InlineData("database_type", null, "has no usable database_type in its metadata")]
    [InlineData("database_type", 5u, "has no usable database_type in its metadata")]
    public void Metadata_that_cannot_be_is_refused_by_name(string key, object? value, string problem) => Assert.Equal(problem, Refused(WithLie(key, value)));

    [Fact]
    public void A_node_count_that_is_too_small_does_not_pass_for_a_tree()
    {
        // The separator is then no longer where it should be.
        Assert.Equal("has no gap between its search tree and its data", Refused(WithLie("node_count", 3u)));
    }

    [Fact]
    public void The_marker_is_looked_for_at_the_end_only()
    {
        byte[] far = [.. Good, .. new byte[128 * 1024]];
        Assert.Equal("is no MaxMind DB file, or its end is missing", Refused(far));
        Assert.Equal("is no MaxMind DB file, or its end is missing", Refused(new byte[5_000_000]));
        Assert.Equal("has a value that reaches beyond its data", Refused(Marker));
        Assert.Equal("has no metadata", Refused([.. Marker, .. Encode("text")]));
        // To the byte: a metadata section that just fills its room is found.
        using var full = MmdbFile.Of([.. Good, .. new byte[(128 * 1024) - (Good.Length - Good.AsSpan().LastIndexOf(Marker))]]);
    }

    [Fact]
    public void A_tree_that_leads_anywhere_but_to_nodes_and_data_is_refused_when_the_file_is_opened()
    {
        Assert.Equal("has a search tree that leads out of the data", Refused(Tree(1 + 15, 1)));
        Assert.Equal("has a search tree that leads out of the data", Refused(Tree(1, 2)));
        Assert.Equal("has a search tree that leads out of the data", Refused(Tree(1 + 16 + 2, 1)));
        Assert.Equal("has a search tree that leads out of the data", Refused(Tree(0xFFFFFF, 1)));
        using var good = MmdbFile.Of(Tree(1 + 16, 1 + 16 + 1));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_tree_that_goes_round_in_circles_ends_with_the_last_bit(int version)
    {
        // Both nodes lead to both nodes, for ever.
        var bytes = Assemble([.. Pair(1, 0, 24), .. Pair(0, 1, 24)], Encode("x"), Map(
            ("binary_format_major_version", (ushort)2), ("binary_format_minor_version", (ushort)0), ("build_epoch", 1ul), ("database_type", "Test"), ("ip_version", (ushort)version), ("node_count", 2u), ("record_size", (ushort)24)));
        using var file = MmdbFile.Of(bytes);
        foreach (var address in version == 4 ? new[] { "0.0.0.0", "255.255.255.255", "9.8.7.6" } : ["::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2a00::1", "9.8.7.6"])
        {
            Assert.Equal("has a search tree that goes on beyond the last bit", Assert.Throws<MmdbException>(() => MmdbReading.Look(file, address)).Message);
        }
    }

    [Fact]
    public void Pointers_to_pointers_to_themselves_and_out_of_the_data_are_refused()
    {
        Assert.Equal("has a pointer to a pointer", RefusedRecord(Pointer(0)));
        Assert.Equal("has a pointer to a pointer", RefusedRecord([.. Encode("x"), .. Pointer(4), .. Pointer(0)], record: 2));
        foreach (var target in new uint[] { 2, 2047 }) Assert.Equal("has a pointer that leads out of its data", RefusedRecord(Pointer(target, 1)));
        Assert.Equal("has a pointer that leads out of its data", RefusedRecord(Pointer(526_335, 2)));
        Assert.Equal("has a pointer that leads out of its data", RefusedRecord(Pointer(134_744_063, 3)));
        Assert.Equal("has a pointer that leads out of its data", RefusedRecord(Pointer(uint.MaxValue, 4)));
        Assert.Equal("has a pointer that leads out of its data", RefusedRecord(Pointer(int.MaxValue, 4)));
        Assert.Equal("has a pointer that leads out of its data", RefusedRecord(Pointer(0x8000_0000, 4)));
        Assert.Equal("has a value that reaches beyond its data", RefusedRecord([0x38, 0, 0, 0]));
    }

    [Fact]
    public void Containers_within_themselves_end_at_the_limit_of_depth()
    {
        const string problem = "nests values deeper than 512, or in a circle";
        Assert.Equal(problem, RefusedRecord([.. Head(11, 1), .. Pointer(0)]));
        Assert.Equal(problem, RefusedRecord([.. Head(7, 1), .. Encode("a"), .. Pointer(0)]));
        Assert.Equal(problem, RefusedRecord([.. Head(11, 1), .. Pointer(4), .. Head(11, 1), .. Pointer(0)]));
        object deep = "x";
        for (var level = 0; level < 600; level++) deep = level % 2 == 0 ? new[] { deep } : Map(("a", deep));
        Assert.Equal(problem, RefusedRecord(Encode(deep)));
        // To the level: 512 are read, one more is not.
        deep = "x";
        for (var level = 0; level < 513; level++) deep = new[] { deep };
        using var file = MmdbFile.Of(MmdbFormatTests.Small(Encode(deep), 0));
        var data = file.Record();
        var value = data.Read(0);
        for (var level = 0; level < MmdbData.Deepest; level++) Assert.True(data.TryFirst(value, out value));
        try
        {
            Assert.False(data.TryFirst(value, out _));
        }
        catch (MmdbException error)
        {
            Assert.Equal(problem, error.Message);
        }
    }

    [Fact]
    public void Pointers_that_fan_out_end_with_the_budget()
    {
        // Forty arrays, each of two pointers to the one before: 2^40 leaves out of 241 bytes.
        var data = new List<byte>(Encode((ushort)0));
        var before = 0u;
        for (var level = 0; level < 40; level++)
        {
            var here = (uint)data.Count;
            data.AddRange([.. Head(11, 2), .. Pointer(before), .. Pointer(before)]);
            before = here;
        }
        Assert.Equal("has a record of more than 65536 values", RefusedRecord([.. data], (int)before));
        // What the server asks for goes past them without following one.
        byte[] map = [.. data, .. Head(7, 2), .. Encode("trap"), .. Pointer(before), .. Encode("city"), .. Encode("Lyon")];
        using var file = MmdbFile.Of(MmdbFormatTests.Small(map, data.Count));
        Assert.Equal(1, file.CountSampledPlaces() / 2);
    }

    [Fact]
    public void Sizes_that_no_file_of_this_size_can_hold_are_refused_before_anything_is_done_with_them()
    {
        const string beyond = "has a value that reaches beyond its data";
        foreach (var type in new[] { 2, 4, 7, 11 }) Assert.Equal(beyond, RefusedRecord([.. Head(type, 16_843_036)]));
        foreach (var type in new[] { 2, 4, 7, 11 }) Assert.Equal(beyond, RefusedRecord([.. Head(type, 16_843_036), .. new byte[4000]]));
        Assert.Equal(beyond, RefusedRecord([.. Head(7, 2), .. Encode("a"), .. Encode("b"), 0x41]));
        Assert.Equal(beyond, RefusedRecord(Head(2, 1)));
        Assert.Equal(beyond, RefusedRecord([0x5D]));
        Assert.Equal(beyond, RefusedRecord([0x5E, 0]));
        Assert.Equal(beyond, RefusedRecord([0x5F, 0, 0]));
        Assert.Equal(beyond, RefusedRecord([0x00]));
        // A map of many empty texts is no lie, and too much work all the same.
        Assert.Equal("has a record of more than 65536 values", RefusedRecord([.. Head(11, 70_000), .. Enumerable.Repeat((byte)0x40, 70_000)]));
    }

    [Fact]
    public void Types_and_sizes_that_there_are_not_are_refused()
    {
        foreach (var extended in new byte[] { 0, 9, 10, 100, 255 }) Assert.Equal("has a value of an unknown type", RefusedRecord([0x00, extended, 0, 0, 0, 0]));
        const string size = "has a value of a size that its type cannot have";
        foreach (var (type, wrong) in new[] { (3, 7), (3, 0), (3, 9), (5, 3), (6, 5), (8, 5), (9, 9), (10, 17), (14, 2), (15, 3), (15, 8) }) Assert.Equal(size, RefusedRecord([.. Head(type, wrong), .. new byte[40]]));
        Assert.Equal("has a mark where a value belongs", RefusedRecord(Head(12, 0)));
        Assert.Equal("has a mark where a value belongs", RefusedRecord(Head(13, 0)));
        Assert.Equal("has a mark where a value belongs", RefusedRecord([.. Head(11, 1), .. Head(13, 0)]));
    }

    [Fact]
    public void Keys_that_are_no_text_are_refused()
    {
        Assert.Equal("has a key that is no text", RefusedRecord([.. Head(7, 1), .. Encode((ushort)5), .. Encode("x")]));
        Assert.Equal("has a key that is no text", RefusedRecord([.. Head(7, 1), .. Encode(new byte[] { 65 }), .. Encode("x")]));
        Assert.Equal("has a key that is no text", RefusedRecord([.. Head(7, 1), .. Pointer(0), .. Encode("x")]));
    }

    [Fact]
    public void A_value_read_as_another_type_is_an_error_and_not_a_wild_read()
    {
        using var file = MmdbFile.Of(new MmdbWriter().Add("::/0", Map(("text", "x"), ("list", new object[] { true }))).Build());
        Assert.True(file.TryFind(new byte[16], out var position));
        string Message(Action<MmdbValue> read)
        {
            var data = file.Record();
            data.TryFind(data.Read(position), "text"u8, out var text);
            return Assert.Throws<MmdbException>(() => read(text)).Message;
        }
        Assert.Equal("has a value of type 2 where another belongs", Message(value => file.Record().Unsigned(value)));
        Message(value => file.Record().Signed(value));
        Message(value => file.Record().Real(value));
        Message(value => file.Record().Boolean(value));
        var all = file.Record();
        Assert.False(all.TryFind(default, "x"u8, out _) || all.TryFirst(default, out _));
    }

    /// <summary>One node over data of two bytes.</summary>
    private static byte[] Tree(uint left, uint right) => [.. Pair(left, right, 24), .. MmdbFormatTests.Small(Encode("x"), 0)[6..]];
}
