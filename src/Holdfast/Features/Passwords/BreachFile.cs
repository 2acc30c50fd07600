using System.Globalization;
using System.Security.Cryptography;

namespace Holdfast.Features.Passwords;

/// <summary>
/// Looks a hash up in a sorted text file, such as Have I Been Pwned's download: one SHA-1 in hex a line, upper or lower case throughout, each with
/// an optional <c>:count</c>; LF or CRLF; the last line may lack its end. Binary search by seeking: some 36 short reads in 40 GB, nothing is kept.
/// </summary>
internal static class BreachFile
{
    private const int HexLength = SHA1.HashSizeInBytes * 2;
    private const int Chunk = 512;

    /// <summary>Bytes. What goes on for longer without a line end is another kind of file, and must not be read to its end.</summary>
    private const int LongestLine = 64 * 1024;

    /// <summary>True when the file lists <paramref name="hash"/>.</summary>
    /// <param name="hash">20 bytes.</param>
    /// <exception cref="InvalidDataException">A line that was met is not a hash: this is another kind of file.</exception>
    public static async Task<bool> Contains(Stream file, byte[] hash, CancellationToken cancel)
    {
        // Invariant: the line sought, if there is one, starts at or after `low`, which is the start of a line, and before `high`.
        var high = file.Length;
        var low = await SkipByteOrderMark(file, cancel);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            // The first line that starts at or after the middle follows the first line end at or after the byte before it.
            var start = middle == low ? low : await AfterLineEnd(file, middle - 1, cancel);
            if (start >= high)
            {
                high = middle;
                continue;
            }
            var found = await ReadHash(file, start, cancel);
            if (found is null)
            {
                // An empty line, as editors leave at the end: nothing on it can be equal.
                if (start == low) low = await AfterLineEnd(file, start, cancel);
                else high = await OnlyEmptyLinesFollow(file, start, cancel) ? middle : throw NotHashes(start);
                continue;
            }
            var order = found.AsSpan().SequenceCompareTo(hash);
            if (order == 0) return true;
            if (order < 0) low = await AfterLineEnd(file, start, cancel);
            else high = middle;
        }
        return false;
    }

    /// <summary>The hash on the line at <paramref name="start"/>; null for an empty line.</summary>
    private static async Task<byte[]?> ReadHash(Stream file, long start, CancellationToken cancel)
    {
        var line = new byte[HexLength + 1];
        file.Position = start;
        var length = await file.ReadAtLeastAsync(line, line.Length, throwOnEndOfStream: false, cancel);
        if (length > 0 && line[0] is (byte)'\n' or (byte)'\r') return null;
        var hash = new byte[SHA1.HashSizeInBytes];
        if (length < HexLength || Convert.FromHexString(line.AsSpan(0, HexLength), hash, out _, out _) != System.Buffers.OperationStatus.Done) throw NotHashes(start);
        if (length > HexLength && line[HexLength] is not ((byte)':' or (byte)'\r' or (byte)'\n')) throw NotHashes(start);
        return hash;
    }

    /// <summary>Where the line after the one with the byte at <paramref name="from"/> starts; the file's length when there is none.</summary>
    private static async Task<long> AfterLineEnd(Stream file, long from, CancellationToken cancel)
    {
        var bytes = new byte[Chunk];
        var at = file.Position = from;
        while (true)
        {
            var length = await file.ReadAsync(bytes, cancel);
            if (length == 0) return file.Length;
            var end = bytes.AsSpan(0, length).IndexOf((byte)'\n');
            if (end >= 0) return at + end + 1;
            at += length;
            if (at - from > LongestLine) throw NotHashes(from);
        }
    }

    private static async Task<bool> OnlyEmptyLinesFollow(Stream file, long from, CancellationToken cancel)
    {
        var bytes = new byte[Chunk];
        file.Position = from;
        while (true)
        {
            var length = await file.ReadAsync(bytes, cancel);
            if (length == 0) return true;
            // Ends at the first byte that is something else.
            if (bytes.AsSpan(0, length).ContainsAnyExcept((byte)'\n', (byte)'\r')) return false;
        }
    }

    private static async Task<long> SkipByteOrderMark(Stream file, CancellationToken cancel)
    {
        var mark = new byte[3];
        file.Position = 0;
        var length = await file.ReadAtLeastAsync(mark, mark.Length, throwOnEndOfStream: false, cancel);
        return length == 3 && mark.AsSpan().SequenceEqual("\uFEFF"u8) ? 3 : 0;
    }

    private static InvalidDataException NotHashes(long at) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The line at byte {at} is not a SHA-1 in hex with an optional count."));
}
