using System.Buffers.Binary;

namespace Holdfast.Features.Places;

/// <summary>The search tree at the beginning of the file (MaxMind DB 2.0, "Binary Search Tree Section"): one level for each bit of an address, two records in each node.</summary>
/// <param name="Nodes">At least 1.</param>
/// <param name="RecordBits">24, 28 or 32.</param>
/// <param name="Levels">32 or 128: bits of an address.</param>
public readonly record struct MmdbTree(uint Nodes, int RecordBits, int Levels)
{
    /// <summary>Zeros between the tree and the data.</summary>
    public const int Separator = 16;

    private int NodeBytes => RecordBits / 4;

    /// <summary>In bytes; more than a file of ours when <see cref="Nodes"/> lies.</summary>
    public long Length => Nodes * (long)NodeBytes;

    /// <summary>Goes down from <paramref name="record"/> by the bits of <paramref name="address"/>, most significant first. Each step uses up a bit: a tree with circles ends like any other.</summary>
    /// <param name="record">0 for the root.</param>
    /// <returns>The record where it ends: a node's number when the bits run out, else none or data.</returns>
    public uint Walk(ReadOnlySpan<byte> tree, uint record, ReadOnlySpan<byte> address)
    {
        for (var bit = 0; bit < address.Length * 8 && record < Nodes; bit++) record = Record(tree, record, (address[bit >> 3] >> (7 - (bit & 7))) & 1);
        return record;
    }

    /// <summary>What a record says.</summary>
    /// <param name="position">Within the data section.</param>
    /// <returns>False when it says "no data".</returns>
    /// <exception cref="MmdbException">It is a node still, or leads out of the data.</exception>
    public bool IsData(uint record, int dataLength, out int position)
    {
        position = 0;
        if (record == Nodes) return false;
        if (record < Nodes) throw new MmdbException("has a search tree that goes on beyond the last bit");
        // The separator's place is no data: nodes + 1 to nodes + 15 mean nothing.
        var at = (long)record - Nodes - Separator;
        if (at < 0 || at >= dataLength) throw new MmdbException("has a search tree that leads out of the data");
        position = (int)at;
        return true;
    }

    /// <param name="side">0 left, 1 right.</param>
    public uint Record(ReadOnlySpan<byte> tree, uint node, int side)
    {
        var bytes = tree.Slice((int)(node * (long)NodeBytes), NodeBytes);
        return RecordBits switch
        {
            24 => Three(bytes[(side * 3)..]),
            // The byte in the middle holds the four highest bits of either, the left one's first.
            28 => Three(bytes[(side * 4)..]) | (((uint)bytes[3] >> (4 - (side * 4))) & 15) << 24,
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes[(side * 4)..]),
        };
    }

    private static uint Three(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] << 16 | bytes[1] << 8 | bytes[2]);
}
