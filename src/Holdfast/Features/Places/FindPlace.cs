using System.Net;
using Holdfast.Texts;

namespace Holdfast.Features.Places;

/// <summary>Where is this network address? Out of the file of places; what the file does not know may still be a network of a known kind. A guess, good enough to recognise one's own sessions by.</summary>
public sealed class FindPlace(PlaceFile places, ILogger<FindPlace> logger)
{
    /// <summary>About this file there has been a line in the log.</summary>
    private MmdbFile? _complained;

    /// <param name="address">As <see cref="Web.Client"/> writes it; anything else is an unknown place.</param>
    /// <param name="text">Its language is that of the names.</param>
    public Place Of(string address, Text text)
    {
        if (!IPAddress.TryParse(address, out var ip)) return Place.Unknown;
        ip = NetworkKinds.Meant(ip);
        // The file first: a network's owner may well have added names for private networks.
        return InFile(ip, text.Culture.TwoLetterISOLanguageName) ?? new Place(NetworkKinds.Of(ip));
    }

    /// <summary>The same in words.</summary>
    public string Name(string address, Text text) => Of(address, text).Say(text);

    private Place? InFile(IPAddress ip, string language)
    {
        if (places.Borrow() is not { } file) return null;
        try
        {
            Span<byte> address = stackalloc byte[16];
            ip.TryWriteBytes(address, out var length);
            return file.TryFind(address[..length], out var record) ? PlaceRecord.Read(file.Record(), record, language) : null;
        }
        catch (MmdbException error)
        {
            if (Interlocked.Exchange(ref _complained, file) != file) logger.LogError("{Key}: {Path} {Problem}. Some places stay unknown", PlaceFile.Key, places.Path, error.Message);
            return null;
        }
        finally
        {
            file.Release();
        }
    }
}
