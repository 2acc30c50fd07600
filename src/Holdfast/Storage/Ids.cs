namespace Holdfast.Storage;

/// <summary>
/// Names for rows: UUIDv7 (RFC 9562 §5.7), so that they sort by time of making, and within a millisecond of one process by order of making (§6.2, method 1:
/// the twelve bits after the time count). They open nothing: unguessable values are <see cref="Secrets.SecretToken"/>s.
/// </summary>
public static class Ids
{
    private const int Counters = 1 << 12;

    // Milliseconds × 4096 + counter of the last one made.
    private static long _last;

    /// <summary>An id for something that happens now. More than 4,096 in one millisecond borrow from the next.</summary>
    public static string New(DateTimeOffset now)
    {
        long last, next;
        do
        {
            last = Interlocked.Read(ref _last);
            next = After(last, now.ToUnixTimeMilliseconds());
        }
        while (Interlocked.CompareExchange(ref _last, next, last) != last);
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(next / Counters)).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6] = (byte)(0x70 | ((next >> 8) & 0x0f));
        bytes[7] = (byte)next;
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>The next count. Far from the last one the id tells about another time (an example's past, a clock that was set): that time is what it has to say.</summary>
    internal static long After(long last, long milliseconds)
    {
        var earliest = milliseconds * Counters;
        return last >= earliest && last < earliest + 10 * Counters ? last + 1 : earliest;
    }

    /// <summary>No id that was made at this moment or later sorts before it. It names nothing.</summary>
    public static string First(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(at).TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[6..].Clear();
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>True for the exact spelling that <see cref="New"/> makes: what comes from an address may be anything.</summary>
    public static bool IsWellFormed(string? id) => id is { Length: 36 } && Guid.TryParseExact(id, "D", out var guid) && guid.ToString() == id;
}
