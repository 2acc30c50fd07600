using System.IO.MemoryMappedFiles;

namespace Holdfast.Features.Places;

/// <summary>
/// An opened MaxMind DB file: finds the record of an address without allocating. Made once, read from many threads, and unmapped when its owner and the last reader have let go of it.
/// The bytes do not change underneath: they are a copy that nobody else can reach (decision 11).
/// </summary>
public sealed unsafe class MmdbFile : IDisposable
{
    /// <summary>Records that are tried when a file is opened, spread over the tree.</summary>
    private const int Samples = 256;

    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;
    private readonly int _length;
    private readonly byte[]? _bytes;
    private readonly uint _ipv4;

    /// <summary>Readers, and the owner as one more.</summary>
    private int _holders = 1;
    private int _isOwned = 1;

    private MmdbFile(byte[] bytes)
    {
        (_bytes, _length) = (bytes, bytes.Length);
        (Metadata, _ipv4) = Open(Bytes);
    }

    private MmdbFile(MemoryMappedFile map, int length)
    {
        (_map, _length) = (map, length);
        _view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
        try
        {
            (Metadata, _ipv4) = Open(Bytes);
        }
        catch
        {
            Close();
            throw;
        }
    }

    public MmdbMetadata Metadata { get; }

    private ReadOnlySpan<byte> Bytes => _bytes ?? new ReadOnlySpan<byte>(_start, _length);

    private ReadOnlySpan<byte> Data => Bytes.Slice(Metadata.DataStart, Metadata.DataLength);

    /// <param name="bytes">A whole file, that nobody changes any more.</param>
    /// <exception cref="MmdbException">It is broken, or of another kind.</exception>
    public static MmdbFile Of(byte[] bytes) => new(bytes);

    /// <summary>Maps a file. It is the caller's to see to it that nobody shortens the file while it is mapped: a page beyond its end kills the process.</summary>
    /// <param name="map">Closed with this, and when this throws.</param>
    /// <exception cref="MmdbException">It is broken, or of another kind.</exception>
    public static MmdbFile Of(MemoryMappedFile map, int length)
    {
        try
        {
            return new(map, length);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>For a reader: the file stays open until as many <see cref="Release"/>.</summary>
    /// <returns>False when it is closed already.</returns>
    public bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders) return true;
            holders = seen;
        }
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) Close();
    }

    /// <summary>The owner lets go. A second time does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOwned, 0) == 1) Release();
    }

    /// <summary>Finds the record of an address. Allocates nothing. Hold the file around this and the reading of the record.</summary>
    /// <param name="address">4 bytes of IPv4 or 16 of IPv6, as they stand: in a file for IPv6 the IPv4 addresses begin at <c>::/96</c>, and aliases of them are where the file has put them.</param>
    /// <param name="position">Of the record, for <see cref="Record"/>.</param>
    /// <returns>False when the file has none.</returns>
    /// <exception cref="MmdbException">The tree is broken at this address.</exception>
    public bool TryFind(ReadOnlySpan<byte> address, out int position)
    {
        position = 0;
        var tree = Metadata.Tree;
        var isIpv4 = address.Length == 4;
        if (!isIpv4 && tree.Levels == 32) return false;
        return tree.IsData(tree.Walk(Bytes, isIpv4 ? _ipv4 : 0, address), Metadata.DataLength, out position);
    }

    /// <summary>A reader of the data section, with a budget for one record.</summary>
    public MmdbData Record() => new(Data);

    /// <summary>Checks what a torn or wrong copy breaks: metadata, separator, and every record of the tree.</summary>
    private static (MmdbMetadata Metadata, uint Ipv4) Open(ReadOnlySpan<byte> file)
    {
        var metadata = MmdbMetadata.Read(file);
        var tree = metadata.Tree;
        if (file.Slice(metadata.DataStart - MmdbTree.Separator, MmdbTree.Separator).ContainsAnyExcept((byte)0)) throw new MmdbException("has no gap between its search tree and its data");
        for (uint node = 0; node < tree.Nodes; node++)
        {
            for (var side = 0; side < 2; side++)
            {
                var record = tree.Record(file, node, side);
                if (record >= tree.Nodes) tree.IsData(record, metadata.DataLength, out _);
            }
        }
        // Where ::/96 ends: a node, or before that a record for all of IPv4.
        var ipv4 = tree.Levels == 32 ? 0 : tree.Walk(file, 0, stackalloc byte[12]);
        return (metadata, ipv4);
    }

    /// <summary>Reads a place out of some records from all over the tree.</summary>
    /// <returns>How many of them named one.</returns>
    /// <exception cref="MmdbException">One of them is broken.</exception>
    public int CountSampledPlaces()
    {
        var (tree, found, next) = (Metadata.Tree, 0, 0ul);
        var step = Math.Max(1, tree.Nodes / Samples);
        for (ulong node = 0; node < tree.Nodes; node++)
        {
            if (node < next) continue;
            for (var side = 0; side < 2; side++)
            {
                var record = tree.Record(Bytes, (uint)node, side);
                if (record < tree.Nodes || !tree.IsData(record, Metadata.DataLength, out var position)) continue;
                if (PlaceRecord.Read(Record(), position, "en") is not null) found++;
                next = node + step;
            }
        }
        return found;
    }

    private void Close()
    {
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _map?.Dispose();
    }
}
